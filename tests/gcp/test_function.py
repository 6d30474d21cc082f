"""Functions of events under the real functions framework: calls, and whatever else somebody posts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from isthmus.links import Link
from isthmus.sources import Source
from tests.gcp.clients.http_double import HttpDouble
from tests.gcp.events.recorded import AUDIT_EVENT, PUBLISHED_EVENT, STORAGE_EVENT
from tests.gcp.framework import Framework
from tests.gcp.serving import HANDLERS, MAIN, Served, function, pushed, queue, serving

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def echo() -> Iterator[Served]:
    with serving(function("echo", "task", timeout=7)) as served:
        yield served


@pytest.fixture(scope="module")
def raising() -> Iterator[Served]:
    with serving(function("raising", "task")) as served:
        yield served


@pytest.mark.parametrize(
    "payload",
    [None, 0, "text", [], {}, {"a": "é"}, pushed({}, subscription="of-queue"), STORAGE_EVENT, {"isthmus": "pong"}],
)
def test_a_call_gets_its_payload_whatever_it_looks_like(echo: Served, payload: Any) -> None:
    answer = echo.post(payload)

    assert (answer.status_code, answer.json["payload"]) == (200, payload)
    assert answer.headers["content-type"] == "application/json"


def test_a_call_without_a_body_has_no_payload(echo: Served) -> None:
    assert echo.post(b"").json["payload"] is None


def test_the_context_of_a_call_is_its_callers(echo: Served) -> None:
    carried = {"isthmus-correlation-id": "mine", "traceparent": TRACE, "function-execution-id": "e1"}

    seen = echo.post({}, carried).json

    assert (seen["correlation"], seen["traceparent"], seen["request"]) == ("mine", TRACE, "e1")
    assert 6 < seen["remaining"] <= 7


@pytest.mark.parametrize("name", ["isthmus-correlation-id", "traceparent"])
@pytest.mark.parametrize("value", ["", "a b", "x" * 129, "é"])
def test_a_forged_envelope_is_none(echo: Served, name: str, value: str) -> None:
    seen = echo.post({}, {name: value}).json

    assert (seen["correlation"], seen["traceparent"]) == (seen["request"], "")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("own", {"type": "OutOfStockError", "message": "none of é left"}),
        ("http", {"type": "ConflictError", "message": "taken"}),
        ("exit", {"type": "SystemExit", "message": "3"}),
        ("half", {"type": "ValueError", "message": "half ? of a pair"}),
        ("unknown", {"type": "KeyError", "message": "'unknown'"}),
    ],
)
def test_an_error_is_told_by_its_name_with_a_status_that_workflows_do_not_retry(
    raising: Served, kind: str, error: dict[str, str]
) -> None:
    answer = raising.post({"kind": kind})

    assert (answer.status_code, answer.json) == (500, {"error": error})
    assert answer.headers["content-type"] == "application/json"  # otherwise a workflow would not parse the body
    assert b"Traceback" not in answer.data


def test_a_result_that_is_no_json_is_an_error_of_the_handler() -> None:
    with serving(function("unsayable", "task")) as served:
        answer = served.post({})

    assert (answer.status_code, answer.json["error"]["type"]) == (500, "HandlerResultError")


def test_a_handler_that_takes_too_long_is_answered_in_time() -> None:
    with serving(function("slow", "task", timeout=0.3)) as served:
        answer = served.post({"seconds": 2})

    assert (answer.status_code, answer.json["error"]["type"]) == (504, "TimedOutError")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{", {"content-type": "application/json"}),
        (b"\xff", {"content-type": "application/json"}),
        (b"a=b", {"content-type": "application/x-www-form-urlencoded"}),
        (b"{}", {"content-type": "text/plain"}),
        (b"{}", {"ce-id": "1", "content-type": "application/json"}),
        (b"{}", {"content-type": "application/cloudevents+json"}),
        (b"[]", {"content-type": "application/cloudevents-batch+json"}),
        (b"{}", {"isthmus-source": "nobody", "content-type": "application/json"}),
        (b"", {"isthmus-drain": "1"}),
    ],
)
def test_what_is_malformed_never_reaches_the_handler(body: bytes, headers: dict[str, str]) -> None:
    with serving(function("fail", "task", "queue")) as served:
        answer = served.post(body, headers)

    assert (answer.status_code, answer.json["error"]["type"]) == (400, "BadEventError")
    assert answer.json["error"]["message"]


def test_an_event_that_isthmus_has_none_for_is_left_raw(echo: Served) -> None:
    answer = echo.post(json.dumps(AUDIT_EVENT).encode(), {"content-type": "application/cloudevents+json"})

    assert answer.status_code == 204


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_only_posts_are_taken(echo: Served, method: str) -> None:
    answer = echo.post(b"", method=method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["queue", "topic", "bucket", "table", "schedule", "task"])
def test_a_ping_keeps_any_function_warm_without_calling_it(kind: str) -> None:
    with serving(function("fail", kind)) as served:
        answer = served.post({"isthmus": "ping"})

    assert (answer.status_code, answer.json) == (200, {"isthmus": "pong"})


FORGED: list[tuple[Any, dict[str, str]]] = [
    (pushed({}, subscription="sub"), {}),
    (PUBLISHED_EVENT, {"content-type": "application/cloudevents+json"}),
    ({}, {"isthmus-source": "sub"}),
    ({}, {"isthmus-drain": "1"}),
    ({}, {"x-goog-pubsub-subscription-name": "sub", "x-goog-pubsub-message-id": "1"}),
    ({}, {"ce-id": "1", "ce-source": "/s", "ce-type": "t", "ce-specversion": "1.0"}),
    ({"isthmus": "ping"}, {}),
    ({"a": 1}, {"isthmus-call": "1"}),
]


@pytest.mark.parametrize(("body", "headers"), FORGED)
def test_a_forged_event_at_a_public_api_is_a_request(body: Any, headers: dict[str, str]) -> None:
    routes = {"POST /": "tests.gcp.handlers.body"}
    sent = json.dumps(body).encode()
    with serving(function("fail", "http", routes=routes, sources={"sub": queue()})) as served:
        answer = served.post(sent, {"content-type": "application/json", **headers})

    assert (answer.status_code, answer.json) == (200, {"bytes": len(sent)})


@pytest.mark.parametrize(("body", "headers"), FORGED[:6])
def test_a_function_of_another_kind_refuses_a_forged_event(body: Any, headers: dict[str, str]) -> None:
    sources = {"sub": Source("queue", "Work"), "files": Source("bucket", "Files")}
    with serving(function("fail", "bucket", sources=sources)) as served:
        answer = served.post(body, headers)

    assert (answer.status_code, answer.json["error"]["type"]) == (400, "BadEventError")


def test_without_its_identity_a_function_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from isthmus_gcp.function import start

    monkeypatch.delenv("ISTHMUS", raising=False)
    with pytest.raises(RuntimeError, match="the environment variable ISTHMUS is not set"):
        start()


def asked(framework: Framework, calls: int) -> list[Any]:
    """Return the answers to so many calls at once, each with a correlation id of its own."""

    def call(number: int) -> Any:
        answer = framework.client.post("/", json=number, headers={"isthmus-correlation-id": f"c{number}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    with ThreadPoolExecutor(16) as threads:
        return list(threads.map(call, range(calls)))


LIMIT = {"Limit": Link("parameter", "Limit", "limit", ("read",), {"value": "9"})}


def test_invocations_on_many_threads_see_each_its_own_context_and_share_what_is_lazy() -> None:
    with Framework(function("busy", "task", links=LIMIT), threads=16, main=MAIN) as framework:
        answers = asked(framework, 300)

    assert [answer["payload"] for answer in answers] == list(range(300))
    assert [answer["context"] for answer in answers] == [f"c{number}" for number in range(300)]
    assert {answer["made"] for answer in answers} == {1}
    assert {answer["limit"] for answer in answers} == {"9"}
    assert len({answer["client"] for answer in answers}) == 1
    assert max(answer["most"] for answer in answers) > 1


def test_a_serial_handler_runs_once_at_a_time() -> None:
    known = function("busy", "task", links=LIMIT, serial=(f"{HANDLERS}.busy",))
    with Framework(known, threads=16, main=MAIN) as framework:
        answers = asked(framework, 100)

    assert {answer["most"] for answer in answers} == {1}


def test_each_thread_keeps_an_event_loop() -> None:
    with Framework(function("later", "task"), threads=4, main=MAIN) as framework:
        answers = asked(framework, 100)

    assert [answer["context"] for answer in answers] == [f"c{number}" for number in range(100)]
    assert 1 <= len({answer["loop"] for answer in answers}) <= 4


def test_the_real_entry_module_serves() -> None:
    with Framework(function("echo", "task"), main="from isthmus_gcp.entry import handle\n") as framework:
        answer = framework.client.post("/", json={"a": 1})

    assert answer.json()["payload"] == {"a": 1}


def test_a_forked_process_does_not_talk_on_its_parents_connections() -> None:
    """The framework loads a function, whose modules may ask a resource then, before gunicorn forks its workers."""
    links = {"Other": Link("function", "Other", "other", ("invoke",))}
    asking = MAIN + "from isthmus.resource import Resource\n\nResource.Other.invoke('loading')\n"
    with HttpDouble() as other:
        other.answer = lambda asked: (200, asked.document)
        environment = {"CLOUD_FUNCTIONS_EMULATOR_HOST": other.host}
        with Framework(function("calling", "task", links=links), environment=environment, main=asking) as framework:
            answer = framework.client.post("/", json="serving")

    assert (answer.json(), [asked.document for asked in other.asked]) == ("serving", ["loading", "serving"])
    assert other.connections == 2


def test_an_instance_whose_threads_are_all_held_by_late_handlers_starts_anew() -> None:
    """A handler that never returns and is serial would keep all others waiting for as long as its instance lives."""
    known = function("slow", "task", timeout=0.3, serial=(f"{HANDLERS}.slow",))
    soon = "from isthmus_gcp.delivery import in_time\n\nin_time.GRACE = 0.3\n" + MAIN
    with Framework(known, threads=2, main=soon) as framework:
        held = [framework.client.post("/", json={"seconds": 60}).status_code for _ in range(2)]
        limit = time.monotonic() + 10
        while (answer := again(framework)) != 200 and time.monotonic() < limit:
            time.sleep(0.1)

        log = framework.log

    assert (held, answer) == ([504, 504], 200)
    assert "all 2 threads are held" in log


def again(framework: Framework) -> int:
    """Return the status of a quick call; 0 where the process ends meanwhile."""
    try:
        return framework.client.post("/", json={"seconds": 0}).status_code
    except httpx.HTTPError:
        return 0
