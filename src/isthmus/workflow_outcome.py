"""What an execution comes to, for whoever waits for its end: alike in every provider's client."""

from __future__ import annotations

import time

from isthmus._typing import Any, Callable
from isthmus.workflow_errors import WorkflowFailedError
from isthmus.workflow_execution import WorkflowExecution

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0  # one cloud lets all of an account ask 15 times a second


def outcome(ended: WorkflowExecution) -> Any:
    """Return the output of an execution that has ended; `WorkflowFailedError` where it did not succeed."""
    if ended.status != "SUCCEEDED":
        raise WorkflowFailedError(ended.id, ended.status, ended.error, ended.cause)
    return ended.output


def awaited(execution: str, timeout: float, look: Callable[[float], WorkflowExecution]) -> Any:
    """Return the output of an execution once it has ended; `TimeoutError` where it still runs after `timeout` seconds.

    `look(left)` returns it as it is: at once, or after it has waited for its end, for at most `left` seconds.
    """
    until = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        seen = look(max(0.0, until - time.monotonic()))
        if seen.ended:
            return outcome(seen)
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"execution {execution} still runs after {timeout:g} s: describe() tells its end")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
