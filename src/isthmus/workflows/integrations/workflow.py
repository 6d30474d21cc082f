"""The integration of workflows: start an execution, and wait for its end where the task says so."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from isthmus.shapes import shown
from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflows.integrations.limits import SYNC_SECONDS
from isthmus.workflows.integrations.refusals import RefusedError, text
from isthmus.workflows.states_error import TASK_FAILED, TIMEOUT, StatesError
from isthmus.workflows.tasks import Task

KNOWN = frozenset(("StateMachineArn", "Input", "Name", "TraceHeader"))
"""The arguments that it takes."""

FIRST_LOOK, LAST_LOOK = 0.02, 2.0
"""The seconds between two looks at an execution: they grow from the first to the last."""


def run(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Start the execution that the arguments say; with `.sync`, return what it has come to."""
    name = text(arguments, "Name") if arguments.get("Name") is not None else None
    identifier = client.start(input_of(arguments), name=name)
    return described(task, wait(client, identifier)) if task.pattern == "sync" else started(identifier)


def input_of(arguments: Mapping[str, Any]) -> Any:
    """Return the input that the arguments say, which may be JSON as text; `RefusedError` where it is none."""
    given = arguments.get("Input")
    if not isinstance(given, str):
        return {} if given is None else given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        raise RefusedError(f"Input is JSON, and {shown(given)} is none") from None


def started(identifier: str) -> dict[str, Any]:
    """Return the result of a start."""
    return {"ExecutionArn": identifier, "StartDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def ended(task: Task, execution: WorkflowExecution) -> Any:
    """Return the result of a task that waited for an execution; `States.TaskFailed` where that has not succeeded.

    The task of a neutral name comes to the execution's output, the language's integration to a description of it.
    """
    return described(task, execution) if task.integrated else succeeded(execution).output


def succeeded(execution: WorkflowExecution) -> WorkflowExecution:
    """Return an execution that has succeeded; `States.TaskFailed` for any other one."""
    if execution.status != "SUCCEEDED":
        failure = {**_described(execution), "Error": execution.error, "Cause": execution.cause}
        raise StatesError(TASK_FAILED, json.dumps(failure, ensure_ascii=False))
    return execution


def described(task: Task, execution: WorkflowExecution) -> dict[str, Any]:
    """Return what the language's integration says of an execution that has succeeded."""
    succeeded(execution)
    output = execution.output if task.form == "json" else json.dumps(execution.output, ensure_ascii=False)
    return {**_described(execution), "Output": output, "OutputDetails": {"Included": True}}


def wait(client: Any, identifier: str) -> WorkflowExecution:
    """Return an execution once it has ended."""
    end, pause = time.monotonic() + SYNC_SECONDS, FIRST_LOOK
    while not (execution := client.describe(identifier)).ended:
        if time.monotonic() > end:
            raise StatesError(TIMEOUT, f"the execution {identifier} still runs after {SYNC_SECONDS:,.0f} seconds")
        time.sleep(pause)
        pause = min(pause * 1.5, LAST_LOOK)
    found: WorkflowExecution = execution
    return found


def _described(execution: WorkflowExecution) -> dict[str, Any]:
    return {
        "ExecutionArn": execution.id,
        "Input": json.dumps(execution.input, ensure_ascii=False),
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": int(execution.started * 1000),
        "Status": execution.status,
        "StopDate": int((execution.stopped or execution.started) * 1000),
    }
