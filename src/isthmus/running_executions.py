"""The executions of a deployed workflow, as the commands of `isthmus workflow` reach them through a linked client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from isthmus.errors import IsthmusError
from isthmus.ports import Workflow
from isthmus.workflow_execution import WorkflowExecution


class NotHereError(IsthmusError, NotImplementedError):
    """What a command asks for is not done from here: `instead` says where it is."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"{what} is not done from here: {instead}")
        self.what = what
        self.instead = instead


class DeployedExecutions:
    """What a workflow's client can do, and nothing else: see `isthmus.tool_ports.Executions`.

    An adapter that can do more says so in a class of its own over this one.
    """

    instead = "the console of the provider shows it, and its own command line"

    def __init__(self, client: Workflow) -> None:
        self._client = client

    def start(self, input: Any, *, name: str | None = None) -> str:
        """Start an execution and return its id."""
        return self._client.start(input, name=name)

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution."""
        return self._client.describe(execution)

    def list(self, *, status: str | None = None, limit: int = 100) -> Sequence[WorkflowExecution]:
        """Say where the executions are listed."""
        self._refuse(f"listing the executions of {self._client.name}")

    def history(self, execution: str) -> Iterator[Mapping[str, Any]]:
        """Say where the history of an execution is shown."""
        self._refuse(f"showing the history of {execution}")

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution."""
        self._client.stop(execution, error=error, cause=cause)

    def redrive(self, execution: str) -> None:
        """Say where an execution is redriven."""
        self._refuse(f"redriving {execution}")

    def succeed(self, token: str, output: Any) -> None:
        """Complete the task that waits for a token."""
        self._client.succeed(token, output)

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for a token fail."""
        self._client.fail(token, error, cause)

    def _refuse(self, what: str) -> NoReturn:
        raise NotHereError(what, self.instead)
