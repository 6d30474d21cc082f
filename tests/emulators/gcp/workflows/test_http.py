"""Requests, callbacks and connectors, with answers that the test gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulators.gcp.workflows.execution import Execution
from tests.emulators.gcp.workflows.http_calls import (
    AGENT,
    BrokenError,
    HttpRequest,
    HttpResponse,
    NotConnectedError,
    TooLateError,
    json_response,
)
from tests.emulators.gcp.workflows.ran import answered, ran

POST = (
    "main: {{params: [x], steps: [{{a: {{call: http.post, args: {args}, result: r}}}}, {{b: {{return: '${{r}}'}}}}]}}"
)

TIMEOUT = ["TimeoutError", "OSError"]


def posted(args: str, argument: Any = None, **response: Any) -> tuple[HttpRequest, Any]:
    """Run one `http.post` and return the request, and what the workflow has got or raised."""
    sent: list[HttpRequest] = []

    def http(request: HttpRequest) -> HttpResponse:
        sent.append(request)
        return HttpResponse(**response)

    outcome = answered(POST.format(args=args), http, argument)
    return sent[0], outcome.value if outcome.state == "SUCCEEDED" else outcome.raised


@pytest.mark.parametrize(
    ("body", "sent", "media"),
    [
        ("{a: 1.0, b: é}", '{"a":1,"b":"é"}', "application/json; charset=utf-8"),
        ("plain", '"plain"', "application/json; charset=utf-8"),
        ("false", "false", "application/json; charset=utf-8"),
        ("'${text.encode(\"raw\")}'", "raw", "application/octet-stream"),
    ],
)
def test_a_body_is_json_unless_it_is_bytes(body: str, sent: str, media: str) -> None:
    request, _ = posted(f"{{url: 'http://a', body: {body}}}")

    assert ((request.body or b"").decode(), request.headers["Content-Type"]) == (sent, media)


@pytest.mark.parametrize(
    ("media", "body", "sent"),
    [
        ("application/x-www-form-urlencoded", "{a: 1, b: [x, y]}", "a=1&b=x&b=y"),
        ("text/plain", "plain", "plain"),
        ("application/json", "plain", '"plain"'),
    ],
)
def test_a_body_is_what_its_content_type_says(media: str, body: str, sent: str) -> None:
    request, _ = posted(f"{{url: 'http://a', headers: {{content-type: {media}}}, body: {body}}}")

    assert (request.body or b"").decode() == sent


def test_no_body_has_no_content_type_and_the_agent_is_always_told() -> None:
    request, _ = posted("{url: 'http://a', headers: {user-agent: mine}}")

    assert (request.body, "Content-Type" in request.headers) == (None, False)
    assert request.headers["User-Agent"] == f"mine {AGENT}"


def test_a_query_is_put_behind_the_url() -> None:
    request, _ = posted("{url: 'http://a?z=1', query: {b: 'x y', a: [1, true]}}")

    assert request.url == "http://a?z=1&a=1&a=true&b=x+y"


@pytest.mark.parametrize(
    ("media", "body", "value"),
    [
        ("application/json; charset=utf-8", b'{"a": [1]}', {"a": [1]}),
        ("application/json", b"null", None),
        ("application/json", b"", None),
        ("text/html", "é".encode(), "é"),
    ],
)
def test_an_answer_is_decoded_by_its_content_type(media: str, body: bytes, value: Any) -> None:
    _, got = posted("{url: 'http://a'}", body=body, headers={"content-type": media})

    assert got == {"body": value, "code": 200, "headers": {"Content-Type": media}}


def test_an_answer_of_no_known_type_is_bytes() -> None:
    _, got = posted("{url: 'http://a'}", body=b"a")

    assert got["tags"] == ["ValueError"]


def test_a_status_of_400_and_more_is_an_error_with_all_of_the_answer() -> None:
    _, got = posted("{url: 'http://a'}", status=404, body=b'{"e": 1}', headers={"content-type": "application/json"})

    assert got == {
        "body": {"e": 1},
        "code": 404,
        "headers": {"Content-Type": "application/json"},
        "message": "HTTP server responded with error code 404",
        "tags": ["HttpError"],
    }


@pytest.mark.parametrize(
    ("error", "tags"),
    [(NotConnectedError, ["ConnectionFailedError"]), (BrokenError, ["ConnectionError"]), (TooLateError, TIMEOUT)],
)
def test_a_request_without_an_answer_has_tags(error: type[Exception], tags: list[str]) -> None:
    def http(_request: HttpRequest) -> HttpResponse:
        raise error("so")

    assert answered("- a: {call: http.get, args: {url: 'http://a'}}", http).raised["tags"] == tags


def test_an_answer_that_takes_longer_than_the_timeout_is_a_timeout_error() -> None:
    source = "- a: {call: http.get, args: {url: 'http://a', timeout: 20}}"
    late = answered(source, lambda _: HttpResponse(seconds=21))

    assert (late.raised["tags"], late.seconds) == (TIMEOUT, 20)
    assert answered(source, lambda _: HttpResponse(seconds=19)).seconds == 19


@pytest.mark.parametrize(
    ("args", "tag"),
    [
        ("{url: 'ftp://a'}", "ValueError"),
        ("{url: ''}", "ValueError"),
        ("{url: 1}", "TypeError"),
        ("{url: 'http://a', timeout: 1801}", "ValueError"),
        ("{url: 'http://a', timeout: '1'}", "TypeError"),
        ("{url: 'http://a', headers: {a: 1}}", "TypeError"),
        ("{url: 'http://a', query: {a: {}}}", "TypeError"),
        ("{url: 'http://a', auth: {type: Basic}}", "ValueError"),
        ("{url: 'http://a', auth: {type: OAuth2}}", "ValueError"),
        ("{url: 'http://a', headers: {content-type: text/plain}, body: {a: 1}}", "TypeError"),
    ],
)
def test_arguments_that_the_page_refuses_are_refused(args: str, tag: str) -> None:
    assert answered(POST.format(args=args), lambda _: HttpResponse()).raised["tags"] == [tag]


def test_an_answer_has_two_megabytes_at_most() -> None:
    source = "- a: {call: http.get, args: {url: 'http://a'}}"

    assert answered(source, lambda _: HttpResponse(body=b"a" * 2**21)).state == "SUCCEEDED"
    assert answered(source, lambda _: HttpResponse(body=b"a" * (2**21 + 1))).raised["tags"] == ["ResourceLimitError"]


def test_nobody_is_reached_where_the_test_answers_nothing() -> None:
    assert ran("- a: {call: http.get, args: {url: 'http://a'}}").raised["tags"] == ["ConnectionFailedError"]


CALLBACK = """
- a: {call: events.create_callback_endpoint, args: {http_callback_method: POST}, result: c}
- b: {call: http.post, args: {url: 'http://a', body: '${c}'}}
- d: {call: events.await_callback, args: {callback: '${c}', timeout: 60}, result: r}
- e: {return: ['${r.http_request.body}', '${r.http_request.method}', '${r.type}']}
"""


def called_back(after: float) -> Any:
    """Run what waits for a callback that comes after so many seconds."""
    begun: list[Execution] = []

    def http(request: HttpRequest) -> HttpResponse:
        begun[0].callbacks.send(request.json()["url"], b'{"ok": true}', after=after)
        return HttpResponse()

    return ran(CALLBACK, http=http, started=begun.append)


def test_a_callback_lets_the_execution_go_on_with_what_it_says() -> None:
    outcome = called_back(after=30)

    assert outcome.value == [{"ok": True}, "POST", "HTTP"]
    assert outcome.seconds == 30


def test_a_callback_that_comes_first_is_kept() -> None:
    assert called_back(after=0).value[0] == {"ok": True}


def test_a_callback_that_does_not_come_in_time_is_a_timeout_error() -> None:
    outcome = called_back(after=61)

    assert (outcome.raised["tags"], outcome.seconds) == (["TimeoutError"], 60)


def test_a_callback_of_somebody_else_is_a_value_error() -> None:
    source = "- a: {call: events.await_callback, args: {callback: {url: 'https://x/callbacks/1'}}}"

    assert ran(source).raised["tags"] == ["ValueError"]


def test_a_message_is_published_with_a_token() -> None:
    sent: list[HttpRequest] = []

    def http(request: HttpRequest) -> HttpResponse:
        sent.append(request)
        return json_response({"messageIds": ["7"]})

    source = """
- a:
    call: googleapis.pubsub.v1.projects.topics.publish
    args: {topic: projects/p/topics/t, body: {messages: [{data: aGk=}]}}
    result: r
- b: {return: '${r.messageIds[0]}'}
"""
    assert answered(source, http).value == "7"
    assert sent[0].url == "https://pubsub.googleapis.com/v1/projects/p/topics/t:publish"
    assert (sent[0].json(), sent[0].auth) == ({"messages": [{"data": "aGk="}]}, {"type": "OAuth2"})


RUN = """
- a:
    call: googleapis.workflowexecutions.v1.projects.locations.workflows.executions.run
    args: {workflow_id: other, argument: {n: 1}}
    result: r
- b: {return: '${r}'}
"""


def run_another(*ends: dict[str, Any]) -> Any:
    answers = [json_response({"name": "e", **end}) for end in ({"state": "ACTIVE"}, {"state": "ACTIVE"}, *ends)]
    sent: list[HttpRequest] = []

    def http(request: HttpRequest) -> HttpResponse:
        sent.append(request)
        return answers.pop(0)

    return answered(RUN, http), sent


def test_another_workflow_is_run_to_its_end() -> None:
    outcome, sent = run_another({"state": "SUCCEEDED", "result": '{"m":2}'})

    assert (outcome.value, outcome.seconds) == ({"m": 2}, 1 + 1.25)
    assert json.loads(sent[0].json()["argument"]) == {"n": 1}
    assert sent[0].url.endswith("/projects/test-project/locations/europe-west1/workflows/other/executions")


def test_the_failure_of_another_workflow_is_an_operation_error() -> None:
    outcome, _ = run_another({"state": "FAILED", "error": {"payload": '"no"', "context": ""}})

    assert outcome.raised["tags"] == ["OperationError"]
    assert outcome.raised["error"]["payload"] == '"no"'


def test_a_connector_tries_again_what_fails_for_the_moment() -> None:
    answers = [HttpResponse(503), json_response({"messageIds": []})]
    source = """
- a:
    call: googleapis.pubsub.v1.projects.topics.publish
    args: {topic: projects/p/topics/t, body: {messages: []}}
"""
    outcome = answered(source, lambda _: answers.pop(0))

    assert (outcome.state, outcome.seconds) == ("SUCCEEDED", 1)
