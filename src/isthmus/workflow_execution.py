"""One run of a workflow, as it is seen from outside."""

from __future__ import annotations

from isthmus._typing import Any

FINAL = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
"""What an execution has come to once it has ended."""


class WorkflowExecution:
    """An execution: `status` is "RUNNING" or one of `FINAL`; times are epoch seconds, `stopped` None while it runs.

    `output` is JSON, where it has succeeded; `error` and `cause` say why it has not.
    """

    __slots__ = ("cause", "error", "id", "input", "name", "output", "started", "status", "stopped")

    def __init__(
        self,
        *,
        id: str,
        name: str,
        status: str,
        started: float,
        stopped: float | None = None,
        input: Any = None,
        output: Any = None,
        error: str = "",
        cause: str = "",
    ) -> None:
        self.id = id
        self.name = name
        self.status = status
        self.started = started
        self.stopped = stopped
        self.input = input
        self.output = output
        self.error = error
        self.cause = cause

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self.status in FINAL

    def __repr__(self) -> str:
        return f"<WorkflowExecution {self.id} {self.status}>"
