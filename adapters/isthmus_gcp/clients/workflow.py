"""The client of a linked workflow, which is one of Workflows."""

from __future__ import annotations

import time

from isthmus._typing import Any, Mapping
from isthmus.errors import IsthmusError
from isthmus.links import Link
from isthmus.parts import part
from isthmus.payload import dumps
from isthmus.workflow_errors import ExecutionNotFoundError
from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflow_input import checked_name, checked_reason, encoded, result
from isthmus.workflow_outcome import awaited
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.tasks import instant
from isthmus_gcp.services import SENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

INPUT_LIMIT = 32 * 1024
"""The most bytes of an execution's input.

https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#Execution
"""

NAMED = "isthmus-name"
"""The label of an execution that has a name: a digest of it."""

REMEMBERED = 90 * 24 * 3600.0
"""For how many seconds a name is taken: as long as Workflows keeps an execution.

https://cloud.google.com/workflows/quotas
"""

STATUS: Mapping[str, str] = {
    "SUCCEEDED": "SUCCEEDED",
    "FAILED": "FAILED",
    "UNAVAILABLE": "FAILED",
    "CANCELLED": "ABORTED",
}
"""Google's state of an execution to ours; any other is of one that runs.

https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#State
"""

_CLOCKS = 60.0
"""By how many seconds two clocks may differ."""


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`. The id of an execution is its full name.

    The envelope rides in the input, under `isthmus`, where the input is an object; no input is an empty object.
    Workflows itself knows no names: a note in Firestore remembers which execution has one. Where a starter dies before
    it has written that down, the next one looks for the execution by its label.
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._services = services

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id; a second start by the same `name` returns the first one's."""
        self._asking.allow("start")
        argument = {"argument": self._argument(input)}
        if name is None:
            identifier: str = self._asking.ask("start", lambda: self._executions.post(self._path, argument))["name"]
            return identifier
        return self._once(argument, name)

    def run(self, input: Any = None, *, name: str | None = None, timeout: float = 60) -> Any:
        """Start an execution, wait until it has ended, and return its output."""
        execution = self.start(input, name=name)
        return awaited(execution, timeout, lambda _: self._seen("start", execution))

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution; `ExecutionNotFoundError` where there is none."""
        return self._seen("read", execution)

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution; one that has ended stays as it is. Workflows keeps no reason, so `error` is lost."""
        path = self._address(execution)
        checked_reason(error, cause)
        try:
            self._asking.ask("stop", lambda: self._executions.post(f"{path}:cancel", {}))
        except IsthmusError as failed:
            if code_of(failed.__cause__) == "NOT_FOUND":
                raise ExecutionNotFoundError(self._asking.link.name, execution) from failed
            if code_of(failed.__cause__) != "FAILED_PRECONDITION":  # it has ended
                raise

    def succeed(self, token: str, output: Any = None) -> None:
        """Complete the task that waits for `token`; `TaskTokenError` where none does (any more)."""
        result(output, self._asking.link.name)
        self._asking.ask("complete", lambda: self._call_back(token, {"output": output}))

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for `token` fail by the name `error`, which Retry and Catch go by."""
        told, why = checked_reason(error, cause)
        self._asking.ask("complete", lambda: self._call_back(token, {"error": told, "cause": why}))

    def heartbeat(self, token: str) -> None:
        """Do nothing but look at the token: Workflows knows no heartbeats, so that none can be missed."""
        self._asking.allow("complete")
        from isthmus_gcp.clients.callbacks import path_of

        path_of(token, self.name)

    def _call_back(self, token: str, document: Mapping[str, Any]) -> None:
        from isthmus_gcp.clients.callbacks import call_back

        call_back(self._executions, token, self.name, document)

    def _seen(self, verb: str, execution: str) -> WorkflowExecution:
        path = self._address(execution)
        try:
            found = self._asking.ask(verb, lambda: self._executions.get(f"{path}?view=FULL"))
        except IsthmusError as failed:
            if code_of(failed.__cause__) == "NOT_FOUND":
                raise ExecutionNotFoundError(self._asking.link.name, execution) from failed
            raise
        return execution_of(found)

    def _address(self, execution: Any) -> str:
        """Return the path of an execution of this workflow, whose name has the project's number, or its id.

        https://cloud.google.com/workflows/docs/executing-workflow
        """
        project, _, rest = execution.partition("/locations/") if isinstance(execution, str) else ("", "", "")
        known = self._path.partition("/locations/")[2]
        identifier = rest.removeprefix(f"{known}/") if rest.startswith(f"{known}/") else ""
        if not project.startswith("projects/") or not identifier.replace("-", "").isalnum():
            raise ExecutionNotFoundError(self._asking.link.name, str(execution))
        return f"{self._path}/{identifier}"

    def _once(self, document: Mapping[str, Any], name: str) -> str:
        label = _digest(checked_name(name))
        labelled = {**document, "labels": {NAMED: label}}

        def found(since: float) -> str:
            return self._found(label, since)

        def started(deadline: float) -> str:
            return self._started(labelled, deadline, label)

        names = ("workflow", self.name, name)
        identifier: str = self._asking.ask(
            "start", lambda: part(SENT)(self._services, names, started, seconds=REMEMBERED, recall=found)
        )
        return identifier

    def _started(self, document: Mapping[str, Any], deadline: float, label: str) -> str:
        """Start an execution; where an answer was lost, it is looked for before it is started again."""
        began = time.time()

        def known(left: float) -> Any:
            name = self._found(label, began, left)
            return {"name": name} if name else None

        made = self._executions.post(self._path, document, deadline=deadline, known=known)
        return str(made["name"])

    def _found(self, label: str, since: float, deadline: float | None = None) -> str:
        """Return the execution of that label which was begun since then; "" where there is none."""
        from urllib.parse import urlencode

        asked = {"view": "FULL", "pageSize": "100", "filter": f'createTime>"{instant(since - _CLOCKS)}"'}
        while True:
            page = self._asking.ask(
                "start", lambda: self._executions.get(f"{self._path}?{urlencode(asked)}", deadline=deadline)
            )
            for execution in page.get("executions", ()):
                if execution.get("labels", {}).get(NAMED) == label:
                    return str(execution["name"])
            if not page.get("nextPageToken"):
                return ""
            asked["pageToken"] = page["nextPageToken"]

    @property
    def _executions(self) -> Any:
        return self._services.executions()

    @property
    def _path(self) -> str:
        services = self._services
        return f"/v1/projects/{services.project}/locations/{services.region}/workflows/{self.name}/executions"

    def _argument(self, given: Any) -> str:
        return encoded(given, INPUT_LIMIT, self._asking.link.name).decode()

    def __repr__(self) -> str:
        return f"<Workflow {self._asking.link.name}>"


def execution_of(found: Mapping[str, Any]) -> WorkflowExecution:
    """Return an execution as the core sees it, of Google's document of it."""
    payload = _payload(found.get("error"))
    status = STATUS.get(str(found.get("state")), "RUNNING")
    error, cause = _failure(payload)
    if status == "FAILED" and _member(payload, "Status") == "TIMED_OUT":
        status = "TIMED_OUT"  # as the compiled workflow says of the time that an execution has in all
    stopped = found.get("endTime")
    return WorkflowExecution(
        id=str(found["name"]),
        name=str(found["name"]).rpartition("/")[2],
        status=status,
        started=seconds_of(str(found.get("startTime") or found["createTime"])),  # one that is queued has not begun
        stopped=seconds_of(str(stopped)) if stopped and status != "RUNNING" else None,
        input=_json(found.get("argument")),
        output=_json(found.get("result")) if status == "SUCCEEDED" else None,
        error=error,
        cause=cause,
    )


def _payload(told: Any) -> Any:
    """Return what a workflow has raised.

    https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#Error
    """
    return _json(_member(told, "payload"))


def _member(value: Any, name: str) -> Any:
    """Return what an object has by a name; None of what is no object."""
    try:
        return value.get(name)
    except AttributeError:
        return None


def _failure(payload: Any) -> tuple[str, str]:
    """Return the error and the cause of what was raised: a map of ours, or whatever else it may be."""
    error = _member(payload, "Error")
    if error is not None:
        return str(error), str(_member(payload, "Cause") or "")
    if payload is None:
        return "", ""
    return "States.Runtime", payload if isinstance(payload, str) else dumps(payload).decode()


def _json(text: Any) -> Any:
    import json

    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return text


def seconds_of(moment: str) -> float:
    """Return the epoch seconds of a time as Google writes it."""
    from isthmus_gcp.events.instant import epoch

    return epoch(moment)


def _digest(name: str) -> str:
    from hashlib import sha256

    return sha256(name.encode()).hexdigest()[:32]
