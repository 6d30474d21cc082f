"""The executions of a workflow of a running `isthmus dev`, as the commands of another terminal reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from isthmus.workflow_execution import WorkflowExecution
from isthmus_local.clients.workflow import execution_of

PAGE = 500
"""How many events are asked for at once."""


class Ask(Protocol):
    """Asks the running app: an action on something declared, with arguments."""

    def __call__(self, action: str, name: str, **arguments: Any) -> Any:
        """Return the answer."""
        ...


class RunningExecutions:
    """The executions of the workflow `name`: see `isthmus.tool_ports.Executions`."""

    def __init__(self, ask: Ask, name: str) -> None:
        self._ask = ask
        self._name = name

    def start(self, input: Any, *, name: str | None = None) -> str:
        """Start an execution and return its id."""
        return str(self._ask("workflow.start", self._name, input=input, execution=name))

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution."""
        return execution_of(self._ask("workflow.describe", self._name, execution=execution))

    def list(self, *, status: str | None = None, limit: int = 100) -> Sequence[WorkflowExecution]:
        """Return the last executions, the newest first."""
        return [execution_of(told) for told in self._ask("workflow.list", self._name, status=status, limit=limit)]

    def history(self, execution: str) -> Iterator[Mapping[str, Any]]:
        """Yield each event of an execution, in order."""
        after = 0
        while True:
            events = self._ask("workflow.history", self._name, execution=execution, after=after, limit=PAGE)
            yield from events
            if not events:
                return
            after = events[-1]["id"]

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution."""
        self._ask("workflow.stop", self._name, execution=execution, error=error, cause=cause)

    def redrive(self, execution: str) -> None:
        """Let an execution go on from where it failed."""
        self._ask("workflow.redrive", self._name, execution=execution)

    def succeed(self, token: str, output: Any) -> None:
        """Complete the task that waits for a token."""
        self._ask("workflow.succeed", self._name, token=token, output=output)

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for a token fail."""
        self._ask("workflow.fail", self._name, token=token, error=error, cause=cause)
