"""The command over small collections made here, and over the outside collection where it is at hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from isthmus.errors import BadEventError
from isthmus.http.request import HttpRequest
from isthmus.message import Message
from isthmus.ports import Provider
from tests.corpus import __main__ as command
from tests.corpus import events
from tests.corpus.report import Outcome, lines

OUTSIDE = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"


class HttpCodec:
    """Decodes `{"path": …}`; the headers are read only when a handler asks for them."""

    def decode(self, raw: Any, /) -> HttpRequest:
        if "path" not in raw:
            raise BadEventError("an http event has a path")
        return LazyRequest(raw)

    def encode(self, result: Any, /) -> Any:
        return {"status": result.status}


class LazyRequest(HttpRequest):
    """Reads its body from the raw event on demand, as an adapter's request does."""

    __slots__ = ()

    def __init__(self, raw: Mapping[str, Any]) -> None:
        super().__init__("GET", raw["path"], raw=raw)

    def _read_body(self) -> bytes:
        return cast("str", self.raw.get("body", "")).encode()


class QueueCodec:
    """Decodes `{"Records": […]}` to a message each."""

    def decode(self, raw: Any, /) -> list[Message]:
        return [Message(record["body"].encode()) for record in raw["Records"]]

    def encode(self, result: Any, /) -> Any:
        raise AssertionError("no answer is made up for a queue")


class Cloud:
    """A provider as far as the command looks at it."""

    name = "aws"
    codecs: Mapping[str, Any] = {"http": HttpCodec(), "queue": QueueCodec(), "topic": HttpCodec()}


class Filed:
    """A provider whose codecs read nothing."""

    codecs: Mapping[str, Any] = dict.fromkeys(("queue", "topic", "stream", "table", "bucket"))


PROVIDERS = {"aws": cast("Provider", Cloud())}


def collection(folder: Path, files: Mapping[str, Any], rows: Iterable[Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    written = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / "events.jsonl").write_text("\n".join(written) + "\n")
    return folder


def row(path: str, service: str = "aws:apigw-v2") -> dict[str, str]:
    return {"path": path, "source": "here", "service": service}


def only(outcomes: Iterable[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def test_an_event_that_decodes_and_can_be_answered_agrees(tmp_path: Path) -> None:
    folder = collection(tmp_path, {"a.json": {"path": "/a", "body": "hello"}}, [row("a.json")])

    assert only(events.run(folder, PROVIDERS)) == Outcome("a.json", "agree")


def test_every_message_of_a_batch_is_looked_at(tmp_path: Path) -> None:
    folder = collection(tmp_path, {"a.json": {"Records": [{"body": "1"}, {"body": "2"}]}}, [row("a.json", "aws:sqs")])

    assert only(events.run(folder, PROVIDERS)).verdict == "agree"


@pytest.mark.parametrize(
    ("content", "service", "reason"),
    [
        ({"nothing": 1}, "aws:apigw-v2", "BadEventError: an http event has a path"),
        ({"path": "/", "body": 7}, "aws:apigw-v2", "'int' object has no attribute 'encode'"),
        ({"path": "/", "body": "no!", "isBase64Encoded": True}, "aws:apigw-v2", "not the base64 it should be was read"),
        ({"Records": []}, "aws:sqs", "decoded to no event at all"),
        ({"path": "/", "Records": []}, "aws:sns", "decoded to LazyRequest, not Message"),
        ("{", "aws:apigw-v2", "the file is not JSON"),
        ("[" * 100_000, "aws:apigw-v2", "the file is not JSON"),
        ("\udce4".encode("utf-8", "surrogateescape").decode("latin-1"), "aws:apigw-v2", "the file is not JSON"),
    ],
)
def test_what_a_codec_cannot_read_is_told_with_its_reason(
    tmp_path: Path, content: Any, service: str, reason: str
) -> None:
    folder = collection(tmp_path, {"a.json": content}, [row("a.json", service)])

    outcome = only(events.run(folder, PROVIDERS))

    assert outcome.verdict == "differ"
    assert reason in outcome.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "the row is not JSON"),
        ("[1]", "not an object but list"),
        ({"path": "a.json"}, "the row has no text as service"),
        ({"path": 7, "service": ""}, "the row has no text as path or service"),
        (row("absent.json"), "no such file"),
        (row("."), "no such file"),
        (row("../outside.json"), "the path leads out of the collection"),
        (row("/etc/hostname"), "the path leads out of the collection"),
        (row("a\0b"), "the path is not one"),
        (row("x" * 5000), "the path is not one"),
    ],
)
def test_a_row_that_cannot_be_run_is_a_difference(tmp_path: Path, line: Any, reason: str) -> None:
    (tmp_path / "outside.json").write_text('{"path": "/"}')
    folder = collection(tmp_path / "inner", {}, [line])

    outcome = only(events.run(folder, PROVIDERS))

    assert outcome.verdict == "differ"
    assert reason in outcome.reason


def test_a_link_that_leads_out_of_the_collection_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text('{"path": "/"}')
    folder = collection(tmp_path / "inner", {}, [row("a.json")])
    (folder / "a.json").symlink_to(tmp_path / "outside.json")

    assert only(events.run(folder, PROVIDERS)).reason == "the path leads out of the collection"


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("aws:cognito", "no trigger of Isthmus delivers aws:cognito events"),
        ("gcp:cloudevent:cloud.storage.object", "the gcp provider is not installed"),
        ("aws:kinesis", "the aws provider has no codec of kind 'stream'"),
    ],
)
def test_an_event_that_nothing_here_reads_is_not_applicable(tmp_path: Path, service: str, reason: str) -> None:
    folder = collection(tmp_path, {"a.json": "not even JSON"}, [row("a.json", service)])

    assert only(events.run(folder, PROVIDERS)) == Outcome("a.json", "not applicable", reason)


@pytest.mark.parametrize(
    ("content", "service", "reason"),
    [
        ({"records": []}, "aws:kinesis", "it is labelled aws:kinesis, but not of records from aws:kinesis"),
        ({"batchItemFailures": []}, "aws:sqs", "it is labelled aws:sqs, but not of records from aws:sqs"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "aws:sqs", "but not of records from aws:sqs"),
        ([], "aws:sqs", "but not of records from aws:sqs"),
    ],
)
def test_a_file_that_is_filed_under_the_wrong_service_is_not_applicable(
    tmp_path: Path, content: Any, service: str, reason: str
) -> None:
    providers = {"aws": cast("Provider", Filed())}
    folder = collection(tmp_path, {"a.json": content}, [row("a.json", service)])

    outcome = only(events.run(folder, providers))

    assert outcome.verdict == "not applicable"
    assert reason in outcome.reason


def test_a_record_that_stands_alone_is_read_as_an_event_of_it(tmp_path: Path) -> None:
    folder = collection(tmp_path, {"a.json": {"eventSource": "aws:sqs", "body": "1"}}, [row("a.json", "aws:sqs")])

    assert only(events.run(folder, PROVIDERS)).verdict == "agree"


def test_the_report_names_the_differences_and_ends_with_the_totals() -> None:
    outcomes = [
        Outcome("a.json", "agree"),
        Outcome("b.json", "differ", "why"),
        Outcome("c.json", "not applicable", "reason"),
        Outcome("d.json", "not applicable", "reason"),
    ]

    assert list(lines(outcomes)) == ["b.json: why", "1 agree, 1 differ, 2 not applicable"]
    assert list(lines(outcomes, reasons=True))[1] == "not applicable: 2 of: reason"


def test_the_command_succeeds_where_nothing_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = collection(tmp_path, {"a.json": {}}, [row("a.json", "aws:cognito"), ""])

    assert command.main(["events", str(folder)]) == 0
    assert capsys.readouterr().out == "0 agree, 0 differ, 1 not applicable\n"


def test_the_command_fails_where_something_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = collection(tmp_path, {}, [row("absent.json")])

    assert command.main(["events", str(folder)]) == 1
    assert capsys.readouterr().out == "absent.json: no such file\n0 agree, 1 differ, 0 not applicable\n"


@pytest.mark.parametrize("content", [None, "", "\n \n"])
def test_the_command_says_that_there_is_no_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    if content is not None:
        (tmp_path / "events.jsonl").write_text(content)

    assert command.main(["events", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert command.main(["events", str(tmp_path / "absent")]) == 2
    assert "is not a folder" in capsys.readouterr().err


def test_the_table_of_services_names_known_triggers_only() -> None:
    assert {kind for _, kind in events.SERVICES.values()} <= set(events.EVENTS)


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_no_event_of_the_outside_collection_differs(capsys: pytest.CaptureFixture[str]) -> None:
    total = len((OUTSIDE / "events.jsonl").read_text().splitlines())

    code = command.main(["events", str(OUTSIDE)])

    last = capsys.readouterr().out.splitlines()[-1]
    assert code == 0, last
    assert sum(int(part.split()[0]) for part in last.split(", ")) == total
