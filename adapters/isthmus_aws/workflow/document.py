"""A definition as Step Functions gets it: the document, with everything in it that AWS must know by another name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_list, is_mapping
from isthmus.wiring import workflow_targets
from isthmus.workflows.definition import NESTED, Machine, State
from isthmus.workflows.names import NAMELESS, Names, Target
from isthmus.workflows.resource_uris import SERVICE_ERRORS
from isthmus_aws.workflow import distributed, integrations, tasks
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.outcome import Fields, Outcome, UnsayableError

SERVICE_ERROR = "ServiceError"
"""The neutral name of what is the platform's fault."""

FAULTS = (*SERVICE_ERRORS, "Lambda.Unknown", "Runtime.ExitError")
"""What Step Functions, and Lambda, call that: refused, throttled, out of memory, or ended with its process.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
"""

STATE_NAME = 80
"""The most characters of a state's name: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A state that Step Functions has no form for: its pointer, and why."""

    pointer: str
    what: str


@dataclass(slots=True)
class Document:
    """What has become of a definition; `faults` are of the states that stand in it as their author wrote them."""

    content: Mapping[str, Any] = field(default_factory=lambda: {})
    faults: list[Fault] = field(default_factory=lambda: [])

    @property
    def text(self) -> str:
        """The document as text, without blanks: its size is limited."""
        return json.dumps(self.content, separators=(",", ":"), ensure_ascii=False)

    @property
    def connects(self) -> bool:
        """Whether it needs the connection that `tasks.CONNECTION` stands for."""
        return tasks.CONNECTION in self.text


def document(workflow: Workflow, addresses: Addresses) -> Document:
    """Return the document of a workflow whose definition could be read."""
    made = Document()
    if workflow.parsed is not None:
        targets = {target.state.pointer: target for target in workflow_targets(workflow)}
        writer = _Writer(targets, distributed.names_of(workflow), addresses, made.faults)
        writer.taken.update(state.name for state in workflow.parsed.states)  # no two of a whole document are alike
        made.content = writer.machine(workflow.parsed.root)
    return made


class _Writer:
    def __init__(self, targets: Mapping[str, Target], names: Names, addresses: Addresses, faults: list[Fault]) -> None:
        self._targets = targets
        self._names = names
        self._addresses = addresses
        self._faults = faults
        self.taken: set[str] = set()

    def machine(self, machine: Machine) -> Fields:
        states: dict[str, Fields] = {}
        for state in machine.states.values():
            fields, then = self._state(state)
            if then is not None:
                follower = _free(f"{state.name} (its output)", self.taken)
                states[state.name] = {**fields, "Next": follower}
                states[follower] = then
            else:
                states[state.name] = fields
        return {**machine.fields, "States": states}

    def _state(self, state: State) -> Outcome:
        fields, then = self._task(state) if state.type == "Task" else Outcome(self._kept(state))
        return Outcome({**fields, **dict(_handled(fields)), **dict(self._nested(state))}, then)

    def _kept(self, state: State) -> Fields:
        if not distributed.is_distributed(state):
            return state.fields
        try:
            return {**state.fields, **distributed.written(state, self._names, self._addresses)}
        except UnsayableError as error:
            self._faults.append(Fault(state.pointer, str(error)))
            return state.fields

    def _task(self, state: State) -> Outcome:
        target = self._targets.get(state.pointer)
        if target is None or target.task is None or target.fault or target.task.kind in _AS_IT_IS:
            return Outcome(state.fields)
        if target.task.kind not in NAMELESS and target.resource is None:
            return Outcome(state.fields)
        try:
            write = integrations.written if target.task.integrated else tasks.written
            return write(target, self._addresses)
        except UnsayableError as error:
            self._faults.append(Fault(state.pointer, str(error)))
            return Outcome(state.fields)

    def _nested(self, state: State) -> Iterator[tuple[str, Any]]:
        inner = [self.machine(machine) for machine in state.machines]
        if state.type == "Parallel" and inner:
            yield "Branches", inner
        for key in NESTED:
            if state.type == "Map" and inner and is_mapping(state.fields.get(key)):
                yield key, inner[0]
                return


def _handled(fields: Fields) -> Iterator[tuple[str, Any]]:
    for name in ("Retry", "Catch"):
        if is_list(fields.get(name)):
            yield name, [_named(entry) for entry in fields[name]]


def _named(handler: Any) -> Any:
    """Return a retrier or catcher that also knows AWS's names of what is the platform's fault."""
    errors = handler.get("ErrorEquals") if is_mapping(handler) else None
    if not is_list(errors) or SERVICE_ERROR not in errors:
        return handler
    return {**handler, "ErrorEquals": [*errors, *(name for name in FAULTS if name not in errors)]}


def _free(wanted: str, taken: set[str]) -> str:
    """Return a name of a state that no other has, and remember it as taken."""
    name, number = wanted[-STATE_NAME:], 1
    while name in taken:
        number += 1
        name = f"{wanted} {number}"[-STATE_NAME:]
    taken.add(name)
    return name


_AS_IT_IS = ("activity",)
"""Kinds of task that name what nobody declares."""
