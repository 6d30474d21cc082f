"""Workflows that tasks of workflows start: what they are given, and what their end is to the task that waits for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_mapping
from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflow_input import ENVELOPE, checked_name
from isthmus.workflows.frames import Call
from isthmus.workflows.integrations import workflow as integration
from isthmus.workflows.resource_uris import ERROR_PREFIXES, error_name
from isthmus.workflows.states_error import RUNTIME
from isthmus.workflows.tasks import Task
from isthmus_local.store.executions import Outcome, StoredExecution

STOPPED = "the task that has started it, and that waited for its end, was ended"
"""The cause of an execution that nobody waits for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """An execution that the task of a `token` starts; `named` says that the document has chosen its name."""

    task: Task
    workflow: Workflow
    input: str
    name: str
    named: bool
    token: str


def child_of(task: Task, workflow: Workflow, call: Call, envelope: Mapping[str, Any]) -> Child:
    """Return what a call starts; `InvalidValueError` for a name that is none, and for an input that is no JSON."""
    chosen = call.arguments.get("Name") if task.integrated and is_mapping(call.arguments) else None
    name = hashlib.sha256(call.token.encode()).hexdigest()[:32] if chosen is None else checked_name(chosen)
    return Child(
        task=task,
        workflow=workflow,
        input=_input(_given(task, call.arguments), envelope),
        name=name,
        named=chosen is not None,
        token=call.token,
    )


def _given(task: Task, arguments: Any) -> Any:
    return integration.input_of(arguments) if task.integrated else arguments


def _input(given: Any, envelope: Mapping[str, Any]) -> str:
    if is_mapping(given) and ENVELOPE not in given and envelope:
        given = {**given, ENVELOPE: dict(envelope)}
    return json.dumps(given, separators=(",", ":"))


def started(task: Task, child: StoredExecution) -> dict[str, Any]:
    """Return the result of a task that only starts an execution."""
    return integration.started(child.id) if task.integrated else {"ExecutionArn": child.id}


def refused(task: Task) -> str:
    """Return the error of a task that asks for what cannot be started."""
    return error_name(task, "invalid") if task.integrated else RUNTIME


def taken(task: Task) -> str:
    """Return the error of a task whose execution's name is another one's."""
    return f"{ERROR_PREFIXES['workflow'][task.form == 'sdk']}.ExecutionAlreadyExistsException"


def result(task: Task, child: StoredExecution, outcome: Outcome) -> Any:
    """Return the result of a task that has waited for an execution; `StatesError` where that has not succeeded.

    https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    """
    return integration.ended(task, _seen(child, outcome))


def _seen(child: StoredExecution, outcome: Outcome) -> WorkflowExecution:
    return WorkflowExecution(
        id=child.id,
        name=child.name,
        status=child.status,
        started=child.started,
        stopped=child.stopped,
        input=json.loads(outcome.input),
        output=json.loads(outcome.output or "null"),
        error=outcome.error,
        cause=outcome.cause,
    )
