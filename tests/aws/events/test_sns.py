"""Notifications that SNS invokes a function with itself."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.serve import Malformed
from tests.aws.events.recorded import event, events, read


def test_a_notification_is_a_message() -> None:
    (record,) = read(event("sns")).records
    (message,) = record.events

    assert (message.text(), message.attributes) == ("Hello from SNS!", {"type": "order.placed"})
    assert (message.id, message.source) == ("95df01b4-ee98-5cb9-9903-4c221d41eb5e", "orders-dev-Events-1a2b3c4d")
    assert (message.sent_at, message.attempt, message.group) == (1546433107.0, 1, None)
    assert message.raw["Sns"]["Subject"] == "TestInvoke"
    assert record.envelope.correlation_id == "look-me-up"


@pytest.mark.parametrize(
    "change",
    [
        {"Message": None},
        {"MessageId": 5},
        {"Timestamp": "noon"},
        {"MessageAttributes": {"a": {"Type": "String"}}},
        {"MessageAttributes": {"a": {"Type": "String", "Value": 1}}},
        {"MessageAttributes": {"isthmus": {"Type": "String", "Value": "no JSON"}}},
    ],
)
def test_a_notification_that_cannot_be_read_is_malformed(change: dict[str, Any]) -> None:
    sent = event("sns")
    sent["Records"][0]["Sns"].update(change)

    (malformed,) = events(sent)

    assert isinstance(malformed, Malformed)
