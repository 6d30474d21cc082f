"""Events that a service brings to the function itself: a user's own Pulumi may leave out the queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.links import Identity
from tests.aws.runtime import FunctionError, Runtime


def identity(handler: str, kind: str) -> Identity:
    path = f"tests.aws.handlers.{handler}"
    return Identity(app="shop", stage="dev", provider="aws", function="Hear", handler=path, triggers=(kind,))


def notification(body: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": "arn:aws:sns:eu-north-1:123456789012:Events",
        "Message": json.dumps(body),
        "Timestamp": "2026-01-02T03:04:05.000Z",
        "MessageAttributes": {},
    }
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": message}]}


def test_a_notification_that_is_handled_returns_nothing() -> None:
    with Runtime(identity("picky", "topic")) as runtime:
        assert runtime.invoke(notification({})) is None


def test_a_notification_that_fails_fails_the_invocation_so_that_lambda_tries_it_again() -> None:
    with Runtime(identity("picky", "topic")) as runtime, pytest.raises(FunctionError) as caught:
        runtime.invoke(notification({"fail": 9}))

    assert caught.value.type == "EventFailedError"
    assert "OutOfStockError: attempt 1" in caught.value.message


def test_a_rule_of_eventbridge_is_a_tick_and_its_failure_is_told() -> None:
    event: dict[str, Any] = {
        "version": "0",
        "id": "e",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "eu-north-1",
        "resources": ["arn:aws:events:eu-north-1:123456789012:rule/nightly"],
        "detail": {},
    }
    with Runtime(identity("tick", "schedule")) as runtime, pytest.raises(FunctionError, match="on schedule"):
        runtime.invoke(event)
