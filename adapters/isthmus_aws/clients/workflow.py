"""The client of a linked workflow, which is a state machine of Step Functions."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import new_id
from isthmus.errors import InvalidValueError, IsthmusError, ServiceError
from isthmus.links import Link
from isthmus.payload import loads_text
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError
from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflow_input import checked_name, checked_reason, encoded, result
from isthmus.workflow_outcome import awaited, outcome
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.errors import code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

INPUT_LIMIT = 256 * 1024
"""The most bytes of an execution's input.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

EXPRESS = "express"
"""The property of a link to an express workflow."""

TOKEN_LIMIT = 2048
"""https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html"""

_NO_TASK = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")
_NO_EXECUTION = ("ExecutionDoesNotExist", "InvalidArn")


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`. The id of an execution is its ARN.

    The envelope rides in the input, under `isthmus`, where the input is an object; no input is an empty object, as it
    is to Step Functions. A name is taken for 90 days after its execution has ended.
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

    Of an express workflow Step Functions keeps neither names nor executions: `run` waits in the call itself, as long as
    the execution may last, and `describe` and `stop` are refused.
    https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "stepfunctions")
        self._services = services

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id; a second start by the same `name` returns the first one's."""
        self._asking.allow("start")
        request = self._request(input, name)
        try:
            answer = self._asking.ask("start", "start_execution", **request)
        except IsthmusError as error:
            if _code(error) != "ExecutionAlreadyExists":
                raise
            return self._services.arn("states", f"execution:{self.name}:{request['name']}")
        arn: str = answer["executionArn"]
        return arn

    def run(self, input: Any = None, *, name: str | None = None, timeout: float = 60) -> Any:
        """Start an execution and return its output, or `WorkflowFailedError`; `TimeoutError` where it still runs."""
        if self._is_express:
            self._asking.allow("start")
            return outcome(
                execution_of(self._asking.ask("start", "start_sync_execution", **self._request(input, name)))
            )
        execution = self.start(input, name=name)
        return awaited(execution, timeout, lambda _: self._seen("start", execution))

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution; `ExecutionNotFoundError` where there is none."""
        self._asking.allow("read")
        self._check_kept("looked at: its log tells of it, and run() returns what it comes to")
        return self._seen("read", execution)

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution; one that has ended stays as it is."""
        self._asking.allow("stop")
        self._check_kept("stopped: it ends by itself, within five minutes")
        why = {**_reason(error, cause), "executionArn": self._checked(execution)}
        try:
            self._asking.ask("stop", "stop_execution", **why)
        except IsthmusError as failed:
            if _code(failed) in _NO_EXECUTION:
                raise ExecutionNotFoundError(self._asking.link.name, execution) from failed
            if _code(failed) != "ValidationException":  # it has ended
                raise

    def succeed(self, token: str, output: Any = None) -> None:
        """Complete the task that waits for `token`; `TaskTokenError` where none does (any more)."""
        self._asking.allow("complete")
        self._complete("send_task_success", token, output=result(output, self._asking.link.name).decode())

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for `token` fail by the name `error`, which Retry and Catch go by."""
        self._asking.allow("complete")
        self._complete("send_task_failure", token, **_reason(error, cause))

    def heartbeat(self, token: str) -> None:
        """Say that whoever holds `token` is still at work, before the task's HeartbeatSeconds are over."""
        self._asking.allow("complete")
        self._complete("send_task_heartbeat", token)

    @property
    def _is_express(self) -> bool:
        return bool(self._asking.link.properties.get(EXPRESS))

    def _request(self, given: Any, name: str | None) -> dict[str, Any]:
        """Return what starts an execution: always with a name, so that a call made again starts no second one."""
        return {
            "stateMachineArn": self._services.arn("states", f"stateMachine:{self.name}"),
            "name": new_id() if name is None else checked_name(name),
            "input": encoded(given, INPUT_LIMIT, self._asking.link.name).decode(),
        }

    def _seen(self, verb: str, execution: str) -> WorkflowExecution:
        try:
            return execution_of(self._asking.ask(verb, "describe_execution", executionArn=self._checked(execution)))
        except IsthmusError as failed:
            if _code(failed) in _NO_EXECUTION:
                raise ExecutionNotFoundError(self._asking.link.name, execution) from failed
            raise

    def _checked(self, execution: Any) -> str:
        """Return the id of an execution if it can be one of this workflow."""
        start = self._services.arn("states", f"execution:{self.name}:")
        if not isinstance(execution, str) or not execution.startswith(start) or not _is_name(execution[len(start) :]):
            raise ExecutionNotFoundError(self._asking.link.name, execution)
        return execution

    def _check_kept(self, why: str) -> None:
        if self._is_express:
            what = f"workflow {self._asking.link.name!r} is express, so that none of its executions can be"
            raise ServiceError(f"{what} {why}")

    def _complete(self, operation: str, token: Any, **request: str) -> None:
        if not isinstance(token, str) or not 1 <= len(token) <= TOKEN_LIMIT:
            raise TaskTokenError(token if isinstance(token, str) else repr(token))
        try:
            self._asking.ask("complete", operation, taskToken=token, **request)
        except IsthmusError as failed:
            if _code(failed) in _NO_TASK:
                raise TaskTokenError(token) from failed
            raise

    def __repr__(self) -> str:
        return f"<Workflow {self._asking.link.name}>"


def execution_of(told: Mapping[str, Any]) -> WorkflowExecution:
    """Return an execution as Step Functions describes it; one that it kills for running too long has no error."""
    succeeded = told["status"] == "SUCCEEDED"
    stopped = told.get("stopDate")
    return WorkflowExecution(
        id=told["executionArn"],
        name=told.get("name", ""),
        status="RUNNING" if told["status"] == "PENDING_REDRIVE" else told["status"],
        started=told["startDate"].timestamp(),
        stopped=None if stopped is None or told["status"] == "RUNNING" else stopped.timestamp(),
        input=_json(told.get("input")),
        output=_json(told.get("output")) if succeeded else None,
        error=told.get("error") or "",
        cause=told.get("cause") or "",
    )


def _json(text: str | None) -> Any:
    return None if text is None else loads_text(text)


def _reason(error: Any, cause: Any) -> dict[str, str]:
    """Return what Step Functions is told of a failure; an empty text says nothing."""
    told = zip(("error", "cause"), checked_reason(error, cause), strict=True)
    return {what: text for what, text in told if text}


def _is_name(text: str) -> bool:
    try:
        checked_name(text)
    except InvalidValueError:
        return False
    return True


def _code(error: IsthmusError) -> str:
    return code_of(error.__cause__) if error.__cause__ is not None else ""
