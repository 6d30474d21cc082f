"""One state, tried by itself: what TestState of Step Functions does, without any service."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_list
from isthmus.workflows.dataflow import Dataflow, Flowed, Scope
from isthmus.workflows.definition import Definition, QueryLanguage, parse
from isthmus.workflows.frames import Frame
from isthmus.workflows.interpreter import limits, spreads, values
from isthmus.workflows.interpreter.failures import Again, delay, handling
from isthmus.workflows.interpreter.languages import language
from isthmus.workflows.interpreter.moments import read, written
from isthmus.workflows.interpreter.program import RETRYING, Program, Step
from isthmus.workflows.states_error import RUNTIME, TOLERATED, StatesError

Status: TypeAlias = Literal["SUCCEEDED", "FAILED", "RETRIABLE", "CAUGHT_ERROR"]
"""What came of the state: it failed and would be tried again, or its error was caught."""

_STARTED = 1_700_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """What the work of a Task, Map or Parallel comes to: a result, or an error and its cause.

    `retries` says how often the retrier that takes the error has tried again before, `failures` how many iterations of
    a Map have failed, and `items` are what its reader reads.
    """

    result: Any = None
    error: str | None = None
    cause: str = ""
    retries: int = 0
    failures: int | None = None
    items: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one state; `next` is the state that would follow, `details` what is known of a failure."""

    status: Status
    output: Any = None
    error: str = ""
    cause: str = ""
    next: str = ""
    assigned: Mapping[str, Any] = field(default_factory=lambda: {})
    details: Mapping[str, Any] = field(default_factory=lambda: {})


def try_state(
    document: Mapping[str, Any],
    input: Any,
    *,
    state: str = "",
    context: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    mock: Mock | None = None,
    languages: Mapping[QueryLanguage, Dataflow] | None = None,
) -> Tried:
    """Try one state: the document itself is it, or has it by the name `state`, in whichever of its machines.

    `context` is the whole context object; a Task, Map or Parallel comes to what `mock` says, and to nothing else.
    """
    definition = parse(
        document if "States" in document else {"StartAt": "StateName", "States": {"StateName": document}}
    )
    program = Program(definition, language if languages is None else languages.__getitem__)
    step = _step(program, definition, state)
    seen = dict(context) if context is not None else _context(step, input)
    scope = Scope(input, seen, variables or {})
    given = mock or Mock()
    try:
        limits.check(input, step.state.name)
        flowed, following = _left(step, scope, given)
        limits.check(flowed.output, step.state.name)
    except StatesError as error:
        return _failed(step, scope, given, error)
    return Tried("SUCCEEDED", flowed.output, next=following, assigned=flowed.assigned)


def _step(program: Program, definition: Definition, name: str) -> Step:
    for machine in definition.machines:
        if not name or name in machine.states:
            return program.step(machine.pointer, name or machine.start_at)
    raise InvalidValueError(f"the definition has no state {name!r}")


def _context(step: Step, input: Any) -> dict[str, Any]:
    state: dict[str, Any] = {"Name": "StateName", "EnteredTime": written(_STARTED)}
    if step.type in RETRYING:
        state["RetryCount"] = 0
    execution = {"Id": "test", "Input": input, "Name": "test", "RoleArn": None, "StartTime": written(_STARTED)}
    return {"Execution": execution, "StateMachine": {"Id": "test", "Name": "test"}, "State": state}


def _left(step: Step, scope: Scope, mock: Mock) -> tuple[Flowed, str]:
    if step.type == "Choice":
        chosen = step.flow.choose(step.state, scope)
        return chosen.flowed, chosen.next
    if step.type == "Fail":
        raise StatesError(values.text(step, "Error", scope), values.text(step, "Cause", scope))
    if step.type not in {"Pass", "Succeed", "Wait", *RETRYING}:
        raise StatesError(RUNTIME, f"the state {step.state.name[:80]!r} has no type of the language")
    if step.type == "Wait":
        _moment(step, scope)
    result = _worked(step, scope, mock) if step.type in RETRYING else step.flow.arguments(step.state, scope)
    return step.flow.output(step.state, scope, result), step.next


def _moment(step: Step, scope: Scope) -> None:
    values.whole(step, "Seconds", scope)
    if step.has("Timestamp"):
        text = values.text(step, "Timestamp", scope)
        if read(text) is None:
            raise values.wrong(step, "Timestamp", text, "timestamp")


def _worked(step: Step, scope: Scope, mock: Mock) -> Any:
    """Evaluate what a state would work on, and return what its work comes to."""
    if step.type == "Map":
        _iterated(step, scope, mock)
    else:
        limits.check(step.flow.arguments(step.state, scope), step.resource)
        values.whole(step, "TimeoutSeconds", scope, least=1)
        values.whole(step, "HeartbeatSeconds", scope, least=1)
    if mock.error is not None:
        raise StatesError(mock.error, mock.cause)
    limits.check(mock.result, step.resource or step.state.name)
    return mock.result


def _iterated(step: Step, scope: Scope, mock: Mock) -> None:
    items = mock.items if "ItemReader" in step.state.fields else step.flow.items(step.state, scope)
    if not is_list(items):
        raise spreads.no_list(step, items)
    values.whole(step, "MaxConcurrency", scope)
    join = spreads.tolerance(step, scope, len(items))
    if mock.failures is not None and (join.tolerated or join.share) and spreads.too_many(join, mock.failures):
        raise StatesError(TOLERATED, "The specified tolerated failure threshold was exceeded")


def _failed(step: Step, scope: Scope, mock: Mock, error: StatesError) -> Tried:
    """Say what a failure of the state leads to."""
    frame = Frame(step.machine.pointer, step.state.name, scope.input)
    frame.attempts = {str(number): mock.retries for number in range(len(step.retriers))}
    found = handling(step, frame, error.error)
    if isinstance(found, Again):
        details = {
            "retryIndex": int(found.position),
            "retryBackoffIntervalSeconds": delay(found.retrier, mock.retries, random.Random(0).random()),
        }
        return Tried("RETRIABLE", None, error.error, error.cause, details=details)
    if found is None:
        return Tried("FAILED", None, error.error, error.cause)
    told = {"Error": error.error, "Cause": error.cause}
    try:
        flowed = step.flow.caught(found.fields, scope, told)
    except StatesError as second:
        return Tried("FAILED", None, second.error, second.cause)
    details = {"catchIndex": step.catchers.index(found)}
    return Tried("CAUGHT_ERROR", flowed.output, error.error, error.cause, found.next, flowed.assigned, details)
