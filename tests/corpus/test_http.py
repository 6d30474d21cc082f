"""The command over small collections of translations made here, and over the outside collection where it is at hand."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from isthmus.providers import find
from tests.corpus import __main__ as command
from tests.corpus import events, http
from tests.corpus.report import Outcome

OUTSIDE = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"
PROVIDERS = {"aws": find("aws")}

MEANT = {"mangum-030": "exclude", "mangum-048": "type", "mangum-067": "mapping"}
"""Which cases of the outside collection differ on purpose, and by which entry of the list."""


def recorded(text: bytes) -> dict[str, str]:
    return {"$b64": b64encode(text).decode()}


def scope(**changes: Any) -> dict[str, Any]:
    headers = {"host": "example.com", "x-forwarded-proto": "http", "x-forwarded-for": "1.2.3.4"}
    event: dict[str, Any] = {
        "requestContext": {"elb": {}},
        "httpMethod": "GET",
        "path": "/a%20b",
        "queryStringParameters": {"q": "b%20c"},
        "headers": headers,
    }
    expected: dict[str, Any] = {
        "method": "GET",
        "path": "/a b",
        "query_string": recorded(b"q=b+c"),
        "headers": [[recorded(name.encode()), recorded(value.encode())] for name, value in headers.items()],
        "scheme": "http",
        "server": ["example.com", 80],
        "client": ["1.2.3.4", 0],
    }
    case: dict[str, Any] = {
        "id": "one",
        "handler": "ALB",
        "what": "scope",
        "event": event,
        "config": {},
        "body": recorded(b""),
    }
    return {**case, "scope": {**expected, **changes}}


def response(answer: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = {"version": "2.0", "rawPath": "/", "requestContext": {"http": {"method": "GET"}}}
    given = {"status": 200, "headers": [[recorded(b"X-A"), recorded(b"1")]], "body": recorded(b"hi")}
    case: dict[str, Any] = {"id": "one", "handler": "HTTPGateway", "what": "response", "event": event, "config": {}}
    return {**case, "asgi_response": given, "lambda_response": answer, **changes}


def only(folder: Path, case: Mapping[str, Any]) -> Outcome:
    (folder / http.INDEX).write_text(json.dumps(case) + "\n")
    (outcome,) = http.run(folder, PROVIDERS)
    return outcome


def test_a_request_agrees_by_what_it_means(tmp_path: Path) -> None:
    assert only(tmp_path, scope()) == Outcome("one", "agree")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "POST"),
        ("path", "/a%20b"),
        ("query_string", recorded(b"q=b%2Bc")),
        ("headers", []),
        ("scheme", "https"),
        ("server", ["other.example", 80]),
        ("client", [None, 0]),
    ],
)
def test_a_request_differs_where_a_field_does(tmp_path: Path, field: str, value: Any) -> None:
    assert only(tmp_path, scope(**{field: value})).verdict == "differ"


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 200, "headers": {"x-a": "1"}, "body": "hi"},
        {"statusCode": 200, "multiValueHeaders": {"X-A": ["1"]}, "body": "hi", "isBase64Encoded": False},
        {"statusCode": 200, "headers": {"x-a": "1"}, "body": "aGk=", "isBase64Encoded": True},
    ],
)
def test_an_answer_agrees_by_what_a_client_gets(tmp_path: Path, answer: Mapping[str, Any]) -> None:
    assert only(tmp_path, response(answer)) == Outcome("one", "agree")


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 201, "headers": {"x-a": "1"}, "body": "hi"},
        {"statusCode": 200, "headers": {"x-a": "2"}, "body": "hi"},
        {"statusCode": 200, "headers": {"x-a": "1"}, "cookies": ["a=1"], "body": "hi"},
        {"statusCode": 200, "headers": {"x-a": "1"}, "body": "ho"},
        {"statusCode": 200, "headers": {"x-a": "1", "content-type": "x", "x-b": "1"}, "body": "hi"},
    ],
)
def test_an_answer_differs_where_a_client_gets_something_else(tmp_path: Path, answer: Mapping[str, Any]) -> None:
    assert only(tmp_path, response(answer)).verdict == "differ"


def test_a_difference_that_is_meant_is_told_with_its_reason(tmp_path: Path) -> None:
    answer = {"statusCode": 200, "headers": {"x-a": "1", "content-type": "application/json"}, "body": "hi"}
    outcome = only(tmp_path, response(answer))

    assert outcome == Outcome("one", "not applicable", f"differs on purpose: {http.DELIBERATE['type'].reason}")


def test_the_length_that_a_handler_gives_is_the_services_to_write(tmp_path: Path) -> None:
    given = {"status": 200, "headers": [[recorded(b"content-length"), recorded(b"2")]], "body": recorded(b"hi")}
    answer = {"statusCode": 200, "headers": {"content-length": "2"}, "body": "hi"}
    outcome = only(tmp_path, response(answer, asgi_response=given))

    assert outcome == Outcome("one", "not applicable", f"differs on purpose: {http.DELIBERATE['connection'].reason}")


def test_a_recorded_event_whose_body_is_not_the_base64_it_should_be_agrees_where_that_is_refused(
    tmp_path: Path,
) -> None:
    event = {**scope()["event"], "body": "no!", "isBase64Encoded": True}
    (tmp_path / "a.json").write_text(json.dumps(event))
    (tmp_path / "events.jsonl").write_text(json.dumps({"path": "a.json", "service": "aws:alb"}))

    assert list(events.run(tmp_path, PROVIDERS)) == [Outcome("a.json", "agree")]


def test_a_case_of_the_edge_is_not_applicable(tmp_path: Path) -> None:
    assert only(tmp_path, {**scope(), "handler": "LambdaAtEdge"}) == Outcome("one", "not applicable", http.EDGE)


@pytest.mark.parametrize("case", [{"handler": "ALB"}, {**scope(), "event": {"a": 1}}, {**scope(), "scope": {}}])
def test_a_case_that_cannot_be_read_differs_and_does_not_end_the_run(tmp_path: Path, case: Mapping[str, Any]) -> None:
    assert only(tmp_path, case).verdict == "differ"


@pytest.mark.parametrize("line", ["not JSON", "[]"])
def test_a_row_that_cannot_be_read_differs(tmp_path: Path, line: str) -> None:
    (tmp_path / http.INDEX).write_text(line)

    assert [outcome.verdict for outcome in http.run(tmp_path, PROVIDERS)] == ["differ"]


def test_the_command_says_that_there_is_no_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["http", str(tmp_path)]) == 2
    assert http.INDEX in capsys.readouterr().err


def test_the_index_may_lie_in_a_folder_of_the_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mangum").mkdir()
    (tmp_path / "mangum" / http.INDEX).write_text(json.dumps(scope()))

    assert command.main(["http", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 agree, 0 differ, 0 not applicable\n"


def test_each_difference_that_is_meant_names_the_page_that_it_comes_from() -> None:
    assert all("https://docs.aws.amazon.com/" in entry.reason for entry in http.DELIBERATE.values())


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_the_outside_collection_agrees_but_for_the_closed_list() -> None:
    outcomes = list(http.run(OUTSIDE, PROVIDERS))
    meant = {case: f"differs on purpose: {http.DELIBERATE[entry].reason}" for case, entry in MEANT.items()}
    others = {outcome.case: outcome.reason for outcome in outcomes if outcome.reason not in ("", http.EDGE)}

    assert len(outcomes) == len((OUTSIDE / "mangum" / http.INDEX).read_text().splitlines())
    assert others == meant
