"""A program: a definition made ready to run. Each state is looked at once, when an execution first comes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_number
from isthmus.workflows.dataflow import Dataflow
from isthmus.workflows.definition import Definition, Machine, QueryLanguage, State
from isthmus.workflows.states_error import RUNTIME, StatesError

CALLBACK = ".waitForTaskToken"
"""How the Resource of a task ends that is complete when somebody brings its token back."""

_MOST = 10**12
"""To what the numbers of a document are cut: whole numbers of JSON may be too large for a float."""

RETRYING = ("Task", "Parallel", "Map")
"""The types of the states that may have Retry, whose context has a RetryCount."""


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry: after which errors, how often, and how long between two attempts (seconds)."""

    errors: frozenset[str]
    interval: float
    most: int
    rate: float
    longest: float | None
    jitter: bool


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of Catch: after which errors, and where to."""

    errors: frozenset[str]
    next: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A state, ready to run: `next` is "" where the machine ends with it."""

    state: State
    machine: Machine
    type: str
    flow: Dataflow
    next: str
    resource: str
    callback: bool
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    entered: str
    exited: str

    @property
    def distributed(self) -> bool:
        """Whether it is a Map whose iterations are executions of their own, so that some may fail."""
        processor = self.state.machines[0].fields.get("ProcessorConfig") if self.state.machines else None
        return is_mapping(processor) and processor.get("Mode") == "DISTRIBUTED"

    def has(self, name: str) -> bool:
        """Tell whether the state says something of a field, be it by a path."""
        return name in self.state.fields or f"{name}Path" in self.state.fields


class Program:
    """The steps of a definition. What is wrong with a state is told when an execution comes to it."""

    __slots__ = ("_flow", "_machines", "_steps", "root", "timeout")

    def __init__(self, definition: Definition, flow: Callable[[QueryLanguage], Dataflow]) -> None:
        self.root = definition.root
        self.timeout = _positive(definition.root.fields.get("TimeoutSeconds"))
        self._flow = flow
        self._machines = _machines(definition.root)
        self._steps: dict[tuple[str, str], Step] = {}

    def step(self, machine: str, name: str) -> Step:
        """Return a state by its machine's pointer and its name."""
        found = self._steps.get((machine, name))
        if found is None:
            found = self._steps[machine, name] = self._made(machine, name)
        return found

    def _made(self, pointer: str, name: str) -> Step:
        machine = self._machines.get(pointer)
        state = machine.states.get(name) if machine else None
        if machine is None or state is None:
            raise StatesError(RUNTIME, f"there is no state {name[:80]!r} in the machine at {pointer or 'the root'!r}")
        fields, kind = state.fields, state.type
        resource = fields.get("Resource")
        following = fields.get("Next")
        return Step(
            state=state,
            machine=machine,
            type=kind,
            flow=self._flow(state.language),
            next=following if isinstance(following, str) and not fields.get("End") else "",
            resource=resource if isinstance(resource, str) else "",
            callback=isinstance(resource, str) and resource.endswith(CALLBACK),
            retriers=tuple(_retrier(entry) for entry in _entries(fields, "Retry")),
            catchers=tuple(_catcher(entry) for entry in _entries(fields, "Catch")),
            entered=f"{kind}StateEntered",
            exited=f"{kind}StateExited",
        )


def _machines(root: Machine) -> dict[str, Machine]:
    """Return every machine by its pointer; without recursion, because a document may be nested at will."""
    found: dict[str, Machine] = {}
    waiting = [root]
    while waiting:
        machine = waiting.pop()
        found[machine.pointer] = machine
        waiting.extend(inner for state in machine.states.values() for inner in state.machines)
    return found


def _entries(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = fields.get(name)
    return [entry for entry in entries if is_mapping(entry)] if is_list(entries) else []


def _retrier(fields: Mapping[str, Any]) -> Retrier:
    longest = fields.get("MaxDelaySeconds")
    return Retrier(
        errors=_errors(fields),
        interval=max(0.0, _number(fields.get("IntervalSeconds"), 1)),
        most=int(_number(fields.get("MaxAttempts"), 3)),
        rate=max(0.0, _number(fields.get("BackoffRate"), 2)),
        longest=_number(longest, 0) if is_number(longest) else None,
        jitter=fields.get("JitterStrategy") == "FULL",
    )


def _catcher(fields: Mapping[str, Any]) -> Catcher:
    following = fields.get("Next")
    return Catcher(_errors(fields), following if isinstance(following, str) else "", fields)


def _errors(fields: Mapping[str, Any]) -> frozenset[str]:
    names = fields.get("ErrorEquals")
    return frozenset(name for name in names if isinstance(name, str)) if is_list(names) else frozenset()


def _number(value: object, default: float) -> float:
    return float(max(-_MOST, min(value, _MOST))) if is_number(value) else default


def _positive(value: object) -> float | None:
    return _number(value, 0) if is_number(value) and value > 0 else None
