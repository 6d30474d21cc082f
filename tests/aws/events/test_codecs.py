"""The table of codecs, and what they do without knowing the function."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.capabilities import EVENTS
from isthmus.errors import BadEventError
from isthmus_aws.aws_provider import provider
from isthmus_aws.events.codecs import codecs
from tests.aws.events.recorded import event, inbox

NAMES = {"queue": "sqs", "topic": "sns", "stream": "kinesis", "table": "dynamodb", "bucket": "s3", "schedule": "rule"}
INBOXES = ("topic", "bucket", "schedule")


def test_every_kind_of_event_has_a_codec() -> None:
    assert set(codecs) == set(EVENTS)
    assert provider.codecs is codecs


@pytest.mark.parametrize(("kind", "name"), NAMES.items())
def test_a_codec_returns_the_events_of_all_records(kind: str, name: str) -> None:
    sent = event(name)

    assert len(codecs[kind].decode(sent)) == len(sent.get("Records", [sent]))


@pytest.mark.parametrize(("kind", "body"), [("topic", "hello"), ("bucket", event("s3")), ("schedule", event("tick"))])
def test_a_codec_reads_its_kind_from_an_inbox_too(kind: str, body: Any) -> None:
    assert len(codecs[kind].decode(inbox(body, kind=kind))) == 1


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind in NAMES
        for name in NAMES.values()
        if name != NAMES[kind] and not (name == "sqs" and kind in INBOXES)
    ],
)
def test_a_codec_refuses_what_its_service_does_not_bring(kind: str, name: str) -> None:
    with pytest.raises(BadEventError, match=f"a {kind} event cannot be read"):
        codecs[kind].decode(event(name))


@pytest.mark.parametrize("kind", NAMES)
def test_an_answer_names_the_records_that_have_failed(kind: str) -> None:
    assert codecs[kind].encode([]) == {"batchItemFailures": []}
    assert codecs[kind].encode(["a", "b"]) == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}


@pytest.mark.parametrize("payload", [{"Records": []}, None, 5, "text"])
def test_the_payload_of_an_invocation_is_left_as_it_is(payload: Any) -> None:
    assert codecs["task"].decode(payload) is payload
    assert codecs["task"].encode(payload) is payload
