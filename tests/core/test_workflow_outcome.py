"""What whoever waits for an execution is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.workflow_errors import WorkflowFailedError
from isthmus.workflow_execution import FINAL, WorkflowExecution
from isthmus.workflow_outcome import awaited


def execution(status: str) -> WorkflowExecution:
    error = "" if status == "SUCCEEDED" else "Boom"
    return WorkflowExecution(id="e-1", name="one", status=status, started=1.0, output={"n": 1}, error=error)


def looking(*statuses: str) -> tuple[list[float], Callable[[float], WorkflowExecution]]:
    """Return the times left of which each look was told, and what looks: it sees each status, and then the last."""
    told: list[float] = []

    def look(left: float) -> WorkflowExecution:
        told.append(left)
        return execution(statuses[min(len(told), len(statuses)) - 1])

    return told, look


def test_the_output_is_returned_once_the_execution_has_ended() -> None:
    told, look = looking("RUNNING", "RUNNING", "SUCCEEDED")

    assert awaited("e-1", 10, look) == {"n": 1}
    assert len(told) == 3
    assert 10 >= told[0] > told[1] > told[2] > 0


@pytest.mark.parametrize("status", [status for status in FINAL if status != "SUCCEEDED"])
def test_one_that_did_not_succeed_raises_why(status: str) -> None:
    _, look = looking("RUNNING", status)

    with pytest.raises(WorkflowFailedError, match=f"ended as {status}: Boom") as raised:
        awaited("e-1", 10, look)
    assert (raised.value.execution, raised.value.status, raised.value.error) == ("e-1", status, "Boom")


@pytest.mark.parametrize("timeout", [0, -1, 0.2])
def test_one_that_still_runs_is_told_and_was_looked_at_in_the_end(timeout: float) -> None:
    told, look = looking("RUNNING")

    with pytest.raises(TimeoutError, match="e-1 still runs"):
        awaited("e-1", timeout, look)
    assert told[-1] == 0


def test_one_that_ended_in_the_last_moment_is_not_late() -> None:
    _, look = looking("SUCCEEDED")

    assert awaited("e-1", 0, look) == {"n": 1}
