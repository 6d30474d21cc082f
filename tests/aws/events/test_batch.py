"""Which source the records of an event come from, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus.sources import Source
from isthmus_aws.events.batch import batch_of
from tests.aws.events.recorded import LEDGER, WORK, event, function, inbox, read


@pytest.mark.parametrize(
    ("name", "service", "kind", "origin", "declared"),
    [
        ("sqs", "sqs", "queue", WORK, "Work"),
        ("sqs_fifo", "sqs", "queue", LEDGER, "Ledger"),
        ("sns", "sns", "topic", "orders-dev-Events-1a2b3c4d", "Events"),
        ("s3", "s3", "bucket", "orders-dev-uploads-1a2b3c4d", "Uploads"),
        ("kinesis", "kinesis", "stream", "orders-dev-Clicks-1a2b3c4d", "Clicks"),
        ("dynamodb", "dynamodb", "table", "orders-dev-Orders-1a2b3c4d", "Orders"),
        ("rule", "eventbridge", "schedule", "my-scheduled-rule", "Nightly"),
        ("scheduler", "eventbridge", "schedule", "orders-dev-Nightly-1a2b3c4d", "Nightly"),
    ],
)
def test_a_batch_is_of_the_declared_source_that_its_origin_names(
    name: str, service: str, kind: str, origin: str, declared: str
) -> None:
    source = Source(kind, declared)

    batch = read(event(name), sources={origin: source})

    assert (batch.service, batch.kind, batch.origin) == (service, kind, origin)
    assert batch.source is source


@pytest.mark.parametrize("kind", ["queue", "topic", "bucket", "schedule", "task"])
def test_an_inbox_delivers_what_its_source_is(kind: str) -> None:
    bodies = {"bucket": event("s3"), "schedule": event("tick")}

    batch = read(inbox(bodies.get(kind, {}), kind=kind))

    assert (batch.service, batch.kind, batch.source.name) == ("sqs", kind, f"The{kind.title()}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sqs", "queue"), ("sns", "topic"), ("s3", "bucket"), ("kinesis", "stream"), ("dynamodb", "table")],
)
def test_an_origin_that_is_not_known_is_taken_for_what_its_service_naturally_is(name: str, kind: str) -> None:
    batch = read(event(name), sources={})

    assert batch.kind == kind
    assert batch.source.name == batch.origin != ""


def test_a_consumer_of_its_own_does_not_hide_the_name_of_the_stream() -> None:
    sent = event("kinesis")
    for record in sent["Records"]:
        record["eventSourceARN"] += "/consumer/mine:1628040000"

    assert read(sent).origin == "orders-dev-Clicks-1a2b3c4d"


def test_a_source_of_another_service_is_not_taken_for_the_origin() -> None:
    batch = read(event("sqs"), sources={WORK: Source("table", "Orders")})

    assert (batch.kind, batch.source.name) == ("queue", WORK)


@pytest.mark.parametrize("name", ["sqs", "sns", "s3", "kinesis", "dynamodb", "rule", "scheduler"])
def test_an_event_of_a_kind_that_is_not_declared_is_refused(name: str) -> None:
    identity = function("http", sources={})

    with pytest.raises(BadEventError, match=r"'Reserve' takes http events; .* brought a .* infra/app\.py"):
        batch_of(event(name), identity)


def test_an_inbox_does_not_make_a_function_accept_its_kind() -> None:
    sent = inbox(event("s3"), kind="bucket")

    with pytest.raises(
        BadEventError, match="takes queue and schedule events; sqs brought a bucket event of 'TheBucket'"
    ):
        batch_of(sent, function("queue", "schedule"))


NONE_OF_OURS: list[tuple[Any, str]] = [
    (None, "not NoneType"),
    ([], "not list"),
    ("Records", "not str"),
    ({}, "none that Isthmus knows"),
    ({"Records": None}, "with the members Records"),
    ({"Records": []}, "with the members Records"),
    ({"Records": {}}, "with the members Records"),
    ({"Records": [None]}, "AttributeError"),
    ({"Records": [{}]}, "records of nobody"),
    ({"Records": [{"eventSource": "aws:kafka"}]}, "records of aws:kafka"),
    ({"Records": [{"eventSource": "aws:sqs"}]}, "KeyError: 'eventSourceARN'"),
    ({"Records": [{"eventSource": ["aws:sqs"]}]}, "none that Isthmus knows"),
    ({"detail-type": "Object Created", "source": "aws.s3"}, "'Object Created' from 'aws.s3'"),
    ({"detail-type": "Scheduled Event", "source": "my.app"}, "'Scheduled Event' from 'my.app'"),
    ({"detail-type": "Scheduled Event", "source": "aws.events"}, "KeyError: 'resources'"),
]


@pytest.mark.parametrize(("sent", "reason"), NONE_OF_OURS)
def test_what_is_no_event_of_a_service_is_refused_with_the_reason(sent: Any, reason: str) -> None:
    with pytest.raises(BadEventError, match="function 'Reserve' takes ") as refused:
        read(sent)

    assert reason in str(refused.value)


def test_records_of_several_queues_are_refused_whole() -> None:
    sent = event("sqs")
    sent["Records"][1]["eventSourceARN"] += "-other"

    with pytest.raises(BadEventError, match="several places"):
        read(sent)


def test_records_of_several_services_are_refused_whole() -> None:
    sent = event("sqs")
    sent["Records"] += event("s3")["Records"]

    with pytest.raises(BadEventError, match="several services: aws:sqs and aws:s3"):
        read(sent)


def test_a_record_that_says_another_service_is_refused_though_its_queue_is_the_same() -> None:
    sent = event("sqs")
    sent["Records"][1]["eventSource"] = "aws:kinesis"

    with pytest.raises(BadEventError, match="several services: aws:sqs and aws:kinesis"):
        read(sent)


@pytest.mark.parametrize(
    ("name", "path"), [("sqs", "messageId"), ("kinesis", "sequenceNumber"), ("dynamodb", "SequenceNumber")]
)
@pytest.mark.parametrize("id", [None, "", 7, {}])
def test_a_record_that_no_answer_could_name_is_refused_with_the_whole_event(name: str, path: str, id: Any) -> None:
    sent = event(name)
    record = sent["Records"][-1]
    record.get(name, record)[path] = id

    with pytest.raises(BadEventError, match="as its id"):
        read(sent)


@pytest.mark.parametrize("name", ["sqs", "sqs_fifo", "sns", "s3", "kinesis", "dynamodb", "rule", "scheduler"])
def test_reading_changes_nothing_in_the_event(name: str) -> None:
    sent = event(name)
    before = copy.deepcopy(sent)

    batch = read(sent)

    assert sent == before
    rows = sent.get("Records", [sent])
    assert all(record.raw is row for record, row in zip(batch.records, rows, strict=True))
