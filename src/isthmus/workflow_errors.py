"""The errors of workflows: apart from the others, so that only the bundles of functions with a workflow carry them."""

from __future__ import annotations

from isthmus.errors import IsthmusError


class WorkflowFailedError(IsthmusError, RuntimeError):
    """An execution of a workflow that somebody waited for did not succeed: `error` and `cause` as it says them."""

    def __init__(self, execution: str, status: str, error: str, cause: str) -> None:
        reason = ": ".join(part for part in (error, cause) if part)
        super().__init__(f"execution {execution} ended as {status}{': ' if reason else ''}{reason}")
        self.execution = execution
        self.status = status
        self.error = error
        self.cause = cause


class ExecutionNotFoundError(IsthmusError, LookupError):
    """A workflow has no execution of this id (any more)."""

    def __init__(self, workflow: str, execution: str) -> None:
        super().__init__(f"workflow {workflow!r} has no execution {execution!r}")
        self.workflow = workflow
        self.execution = execution


class TaskTokenError(IsthmusError, LookupError):
    """No task waits for this token (any more): it was completed, it has timed out, or its execution has ended."""

    def __init__(self, token: str) -> None:
        reason = "it was completed, has timed out, or its execution has ended"
        super().__init__(f"no task waits for the token {token[:24]!r}…: {reason}")
        self.token = token
