"""The handler that completes tasks by an HTTP call: what it takes, and what it lets nobody do."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus import callbacks
from isthmus.errors import BadRequestError, NotFoundError
from isthmus.testing.factories import http_request, linked
from isthmus.workflow_errors import TaskTokenError


class Approval:
    """A linked workflow with one task that waits, for "t"."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def succeed(self, token: str, output: Any = None) -> None:
        self._settle("succeed", token, output)

    def fail(self, token: str, error: str, cause: str = "") -> None:
        self._settle("fail", token, error, cause)

    def heartbeat(self, token: str) -> None:
        self._settle("heartbeat", token)

    def _settle(self, *asked: Any) -> None:
        if asked[1] != "t":
            raise TaskTokenError(asked[1])
        self.asked.append(asked)


class Table:
    """Something linked that is no workflow."""


def post(body: Any, *, workflow: str = "Approval", approval: Approval | None = None, **options: Any) -> int:
    """Call the handler and return the status of its answer."""
    request = http_request("POST", f"/approvals/{workflow}", params={"workflow": workflow}, json=body, **options)
    with linked(Approval=approval or Approval(), Orders=Table()):
        return callbacks.complete(request).status


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"output": {"by": "Ada"}}, ("succeed", "t", {"by": "Ada"})),
        ({"output": None}, ("succeed", "t", None)),
        ({}, ("succeed", "t", None)),
        ({"error": "Refused", "cause": "too dear"}, ("fail", "t", "Refused", "too dear")),
        ({"error": "Refused"}, ("fail", "t", "Refused", "")),
        ({"heartbeat": True}, ("heartbeat", "t")),
    ],
    ids=str,
)
def test_a_body_completes_a_task_fails_it_or_keeps_it_waiting(body: Any, asked: tuple[Any, ...]) -> None:
    approval = Approval()

    assert post({"token": "t", **body}, approval=approval) == 204
    assert approval.asked == [asked]


@pytest.mark.parametrize(
    "body",
    [
        [],
        "t",
        {},
        {"output": 1},
        {"token": 7},
        {"token": None},
        {"token": "t", "more": 1},
        {"token": "t", "error": 7},
        {"token": "t", "error": "E", "cause": {}},
        {"token": "t", "cause": "without an error"},
        {"token": "t", "output": 1, "error": "E"},
        {"token": "t", "output": 1, "heartbeat": True},
        {"token": "t", "heartbeat": False},
        {"token": "t", "heartbeat": 1},
    ],
    ids=repr,
)
def test_a_body_that_says_something_else_or_two_things_does_nothing(body: Any) -> None:
    approval = Approval()

    with pytest.raises(BadRequestError):
        post(body, approval=approval)
    assert approval.asked == []


def test_a_token_that_nothing_waits_for_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="no task waits"):
        post({"token": "other"})


@pytest.mark.parametrize("workflow", ["Orders", "Nobody", "App", "approval", "__class__", "__init__", "", "é" * 999])
def test_a_route_reaches_linked_workflows_and_nothing_else(workflow: str) -> None:
    with pytest.raises(NotFoundError, match="there is no workflow"):
        post({"token": "t", "output": 1}, workflow=workflow)
