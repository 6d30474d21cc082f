"""Tasks that somebody completes over HTTP, by `isthmus.callbacks.complete`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from isthmus import App, ports
from isthmus.providers import find
from tests.local.workflows import handlers
from tests.local.workflows.laptop import HANDLERS, one

ASK = {"Type": "Task", "Resource": f"{HANDLERS}.echo.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"}}


@pytest.fixture
def testbed() -> Iterator[ports.Testbed]:
    app = App("callbacks")
    order = app.workflow("Order", one({**ASK, "HeartbeatSeconds": 1000, "End": True}))
    app.workflow("Secret", one({**ASK, "End": True}))
    app.queue("Line")
    link = [order.complete]
    app.api("Api").route("POST /approvals/{workflow}", "isthmus.callbacks.complete", link=link)
    found = find("local").testbed(lambda _: app)
    yield found
    found.close()


def asked(testbed: ports.Testbed, workflow: str) -> tuple[str, str]:
    """Return a new execution, and the token of its task."""
    execution = testbed.resource(workflow).start({})
    while not handlers.calls:
        time.sleep(0.001)
    return execution, handlers.calls.pop()[1]["token"]


def answer(testbed: ports.Testbed, body: Any, workflow: str = "Order") -> int:
    return testbed.request("POST", f"/approvals/{workflow}", json=body).status


def test_whoever_has_the_token_completes_the_task(testbed: ports.Testbed) -> None:
    execution, token = asked(testbed, "Order")

    assert answer(testbed, {"token": token, "heartbeat": True}) == 204
    assert answer(testbed, {"token": token, "output": {"by": "Ada"}}) == 204
    assert testbed.resource("Order").describe(execution).output == {"by": "Ada"}
    assert answer(testbed, {"token": token, "output": {"by": "Bob"}}) == 404


def test_whoever_has_the_token_lets_the_task_fail(testbed: ports.Testbed) -> None:
    execution, token = asked(testbed, "Order")

    assert answer(testbed, {"token": token, "error": "Refused", "cause": "too dear"}) == 204
    ended = testbed.resource("Order").describe(execution)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "Refused", "too dear")


def test_a_token_completes_no_task_of_a_workflow_that_is_not_linked(testbed: ports.Testbed) -> None:
    execution, token = asked(testbed, "Secret")

    assert [answer(testbed, {"token": token}, name) for name in ("Order", "Secret", "Line", "__class__")] == [404] * 4
    assert testbed.resource("Secret").describe(execution).status == "RUNNING"


@pytest.mark.parametrize(
    "body",
    [
        {"output": 1},
        {"token": 7},
        {"token": "t", "more": 1},
        ["token"],
        {"token": "t", "error": 7},
        {"token": "t", "error": "E" * 257},
        {"token": "t", "error": "E", "cause": "c" * 32_769},
        {"token": "t", "error": "\ud800"},
        {"token": "t", "output": "x" * 256 * 1024},
    ],
    ids=lambda body: repr(body)[:40],
)
def test_a_body_that_says_nothing_that_can_be_done_is_refused(testbed: ports.Testbed, body: Any) -> None:
    assert answer(testbed, body) == 400
