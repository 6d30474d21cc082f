"""Records of streams."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.serve import Malformed
from tests.aws.events.recorded import event, events, read


def test_a_record_is_a_message() -> None:
    first, _ = read(event("kinesis")).records
    (message,) = first.events

    assert message.body == b"Hello, this is a test."
    assert (message.group, message.sent_at) == ("user-1", 1545084650.987)
    assert message.sequence == first.id == "49590338271490256608559692538361571095921575989136588898"
    assert message.id == f"shardId-000000000006:{first.id}"
    assert (message.source, message.attributes) == ("orders-dev-Clicks-1a2b3c4d", {})


def test_what_a_producer_has_aggregated_is_left_as_it_is() -> None:
    aggregated = events(event("kinesis"))[1]

    assert aggregated.body.startswith(b"\xf3\x89\x9a\xc2")


@pytest.mark.parametrize("name", ["data", "partitionKey", "approximateArrivalTimestamp"])
@pytest.mark.parametrize("value", [None, "=", {}, [1]])
def test_a_record_that_cannot_be_read_fails_alone(name: str, value: Any) -> None:
    sent = event("kinesis")
    sent["Records"][0]["kinesis"][name] = value

    first, second = events(sent)

    assert isinstance(first, Malformed) or (name, value) == ("partitionKey", "=")
    assert second.group == "user-2"


def test_a_malformed_record_keeps_its_group() -> None:
    sent = event("kinesis")
    sent["Records"][0]["kinesis"]["data"] = "no base64"

    assert events(sent)[0].group == "user-1"


def test_the_members_of_a_tumbling_window_change_nothing() -> None:
    sent = {
        **event("kinesis"),
        "window": {"start": "2020-12-09T07:04:00Z"},
        "state": {},
        "isFinalInvokeForWindow": False,
    }

    assert len(events(sent)) == 2
