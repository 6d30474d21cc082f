"""The client of a linked workflow."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.links import Link
from isthmus.payload import loads_text
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError
from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflow_input import checked_name, checked_reason, encoded, result
from isthmus.workflow_outcome import awaited
from isthmus_local.clients.asking import Transport

LIMIT = 256 * 1024
"""The most bytes of an execution's input."""

_TURN = 20.0  # seconds that one question waits: an app that stops in between is noticed


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`. The id of an execution is the workflow's name and its own.

    A name is taken for as long as its execution is kept: until 90 days after its end.
    """

    __slots__ = ("_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._transport = transport

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id, as soon as that is durable; by the same `name` that of the first."""
        chosen = None if name is None else checked_name(name)
        started: str = self._call("start", encoded(input, LIMIT, self._link.name).decode(), chosen)
        return started

    def run(self, input: Any = None, *, name: str | None = None, timeout: float = 60) -> Any:
        """Start an execution, wait until it has ended, and return its output."""
        execution = self.start(input, name=name)

        def look(left: float) -> WorkflowExecution:
            return execution_of(self._call("wait", execution, min(left, _TURN)))

        return awaited(execution, timeout, look)

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution; `ExecutionNotFoundError` where there is none."""
        return execution_of(self._call("describe", self._checked(execution)))

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution; one that has ended stays as it is."""
        self._call("stop", self._checked(execution), *checked_reason(error, cause))

    def succeed(self, token: str, output: Any = None) -> None:
        """Complete the task that waits for `token`; `TaskTokenError` where none does (any more)."""
        self._call("succeed", _token(token), result(output, self._link.name).decode())

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for `token` fail by the name `error`, which Retry and Catch go by."""
        self._call("fail", _token(token), *checked_reason(error, cause))

    def heartbeat(self, token: str) -> None:
        """Say that whoever holds `token` is still at work."""
        self._call("heartbeat", _token(token))

    def _call(self, verb: str, *args: Any) -> Any:
        return self._transport.call(f"workflow.{verb}", self._link.name, *args)

    def _checked(self, execution: Any) -> str:
        if type(execution) is not str or not execution.isprintable():
            raise ExecutionNotFoundError(self._link.name, str(execution))
        return execution

    def __repr__(self) -> str:
        return f"<Workflow {self._link.name}>"


def _token(token: Any) -> str:
    if type(token) is not str or not token.isprintable():
        raise TaskTokenError(str(token))
    return token


def execution_of(told: Mapping[str, Any]) -> WorkflowExecution:
    """Return an execution as the core sees it; without what is not told of it."""
    return WorkflowExecution(
        id=told["id"],
        name=told["name"],
        status=told["status"],
        started=told["started"],
        stopped=told["stopped"],
        input=_json(told.get("input")),
        output=_json(told.get("output")),
        error=told.get("error", ""),
        cause=told.get("cause", ""),
    )


def _json(text: str | None) -> Any:
    return None if text is None else loads_text(text)
