"""Worlds in which the interpreter is tested: a ledger that keeps what it is told and no more, and hosts over it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from isthmus.workflows.definition import Definition, parse
from isthmus.workflows.frames import Call, Execution, Frame, HistoryEvent, Join
from isthmus.workflows.interpreter.memory import MemoryLedger
from isthmus.workflows.interpreter.runner import Outcome, Runner
from isthmus.workflows.states_error import StatesError

STARTED = 1_700_000_000.0


class KeptLedger(MemoryLedger):
    """A ledger that holds JSON, as a store does: what the interpreter changes and does not save is lost.

    `most` is how many frames it has held at once, `written` how many characters of frames it was given to save.
    """

    def __init__(self, execution: Execution, record: Callable[[HistoryEvent], object] | None = None) -> None:
        super().__init__(execution, record)
        self.most = 0
        self.written = 0

    def frame(self, identifier: int) -> Frame | None:
        found = super().frame(identifier)
        return None if found is None else replace(found, variables=dict(found.variables), attempts=dict(found.attempts))

    def add(self, frame: Frame) -> int:
        identifier = super().add(_copy(frame))
        kept = super().frame(identifier)
        assert kept is not None
        kept.id = identifier
        self.most = max(self.most, len(self._frames))
        return identifier

    def save(self, frame: Frame) -> None:
        text = json.dumps(asdict(frame), allow_nan=False)
        self.written += len(text)
        super().save(Frame(**json.loads(text)))

    def end(self, frame: Frame, output: Any) -> None:
        super().end(frame, json.loads(json.dumps(output, allow_nan=False)))

    def below(self, parent: int) -> list[Frame]:
        return [_copy(frame) for frame in super().below(parent)]

    def join(self, frame: int) -> Join | None:
        found = super().join(frame)
        return None if found is None else Join(**asdict(found))

    def keep(self, join: Join) -> None:
        super().keep(Join(**asdict(join)))


def _copy(frame: Frame) -> Frame:
    return Frame(**json.loads(json.dumps(asdict(frame), allow_nan=False)))


class Tasks:
    """The tasks of a test by their states' names: `calls` are those that were made, in their order."""

    def __init__(self, **work: Callable[[Call], Any] | object) -> None:
        self._work = work
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Any:
        self.calls.append(call)
        work = self._work.get(call.state, _echo)
        return work(call) if callable(work) else work

    def count(self, state: str) -> int:
        """Return how often a state's task was called."""
        return sum(call.state == state for call in self.calls)


def _echo(call: Call) -> Any:
    return call.arguments


def failing(*errors: str, then: Any = "done") -> Callable[[Call], Any]:
    """Return a task that fails by each of these names in turn, and then succeeds."""
    left = list(errors)

    def work(call: Call) -> Any:
        if left:
            raise StatesError(left.pop(0), "because")
        return then

    return work


def definition(states: Mapping[str, Any], start: str | None = None, **fields: Any) -> Definition:
    """Return a definition of these states; it starts at the first of them."""
    return parse({"StartAt": start or next(iter(states)), "States": states, **fields})


def runner(
    states: Mapping[str, Any], input: Any = None, tasks: Callable[[Call], Any] | None = None, **fields: Any
) -> Runner:
    """Return a runner of these states over a ledger of JSON."""
    execution = Execution(id="e1", name="one", workflow="flow", input=input, started=STARTED)
    made = definition(states, **fields)
    return Runner(made, execution, tasks or Tasks(), chance=random.Random(1), ledger=KeptLedger)


def run(
    states: Mapping[str, Any], input: Any = None, tasks: Callable[[Call], Any] | None = None, **fields: Any
) -> Outcome:
    """Run these states to their end."""
    return runner(states, input, tasks, **fields).run()


def types(outcome: Outcome) -> list[str]:
    """Return the types of the events of a history."""
    return [event.type for event in outcome.history]


def task(**fields: Any) -> dict[str, Any]:
    """Return a Task that is the end, unless it has a Next."""
    return {"Type": "Task", "Resource": "work", **({} if "Next" in fields else {"End": True}), **fields}


def inner(**states: Any) -> dict[str, Any]:
    """Return a machine of these states, for a branch or an iteration."""
    return {"StartAt": next(iter(states)), "States": states}
