"""Workflows: each definition can be read and is right, and what its tasks name is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.unknown import Unknown
from isthmus.declarations.workflow import Workflow
from isthmus.errors import InvalidValueError
from isthmus.shapes import is_mapping, is_text, shown
from isthmus.wiring import workflow_targets
from isthmus.workflows.definition import read
from isthmus.workflows.lint.problems import problems
from isthmus.workflows.names import Target


def check(draft: Draft) -> Iterator[Problem]:
    """Yield everything that is wrong with the definitions, and with what they name."""
    for workflow in draft.of(Workflow):
        for fault in _faults(draft, workflow):
            yield Problem(workflow.where, f"{label(workflow)}: {fault}")


def _faults(draft: Draft, workflow: Workflow) -> Iterator[str]:
    if not workflow.definition:  # a missing one is told with the missing options
        return
    document = _document(workflow)
    wrong = problems(document) if document is not None else []
    for found in wrong:
        yield f"{found.pointer or '/'}: {found.message}"
    if workflow.parsed is None and not wrong:
        yield workflow.fault
    yield from _faults_of_bind(draft, workflow)
    for target in workflow_targets(workflow):
        fault = target.fault or _fault_of_order(target)
        if fault:
            yield f"{target.state.pointer}: {fault}"


def _fault_of_order(target: Target) -> str:
    """Return why a message cannot be sent: a FIFO queue's belongs to a group, which a plain name does not tell."""
    queue = target.resource
    if target.task is None or target.task.integrated or not isinstance(queue, Queue) or queue.fifo is not True:
        return ""
    return (
        f"queue {target.said!r} is a FIFO queue, whose messages have a group: send by the language's own sendMessage, "
        "which takes a MessageGroupId"
    )


def _document(workflow: Workflow) -> Any:
    """Return what the linter is to look at: also of a definition that lacks what makes it one."""
    if workflow.parsed is not None:
        return workflow.parsed.document
    try:
        found = read(workflow.definition) if isinstance(workflow.definition, str) else workflow.definition
    except InvalidValueError:
        return None
    return found if is_mapping(found) and found else None


def _faults_of_bind(draft: Draft, workflow: Workflow) -> Iterator[str]:
    if isinstance(workflow.bind, Unknown):
        return
    if not is_mapping(workflow.bind):
        yield f"bind maps names of the document to handler paths or resources, not {shown(workflow.bind)}"
        return
    for name, bound in workflow.bind.items():
        if not is_text(name) or not isinstance(bound, str | Resource | Unknown):
            yield f"bind maps a name to a handler's path or a resource, not {shown(name)} to {shown(bound)}"
        elif isinstance(bound, Resource) and not any(bound is resource for resource in draft.resources):
            yield f"bind: {label(bound)}, declared at {bound.where}, belongs to another app"
