"""Runs an execution in this process, in virtual time: what waits costs nothing, and nothing outlives the call."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import uuid4

from isthmus.workflows.dataflow import Dataflow
from isthmus.workflows.definition import Definition, QueryLanguage
from isthmus.workflows.frames import (
    Call,
    Cancel,
    Continue,
    Effect,
    Ended,
    Execution,
    ExecutionStatus,
    HistoryEvent,
    Sleep,
)
from isthmus.workflows.interpreter.interpreter import Interpreter
from isthmus.workflows.interpreter.memory import MemoryLedger
from isthmus.workflows.states_error import StatesError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an execution has come to, with its history; `seconds` is how long it took, in virtual time."""

    status: ExecutionStatus
    output: Any = None
    error: str = ""
    cause: str = ""
    seconds: float = 0.0
    history: list[HistoryEvent] = field(default_factory=lambda: [])


@dataclass(frozen=True, slots=True)
class Late:
    """What a task comes to only after some `seconds`; with None for them, never."""

    seconds: float | None
    result: Any = None


Work: TypeAlias = Callable[[Call], Any]
"""What does the work of a task: returns its result (or when it comes: `Late`), or raises `StatesError`."""


def run(
    definition: Definition,
    input: Any,
    call: Work,
    *,
    name: str = "execution",
    workflow: str = "workflow",
    languages: Mapping[QueryLanguage, Dataflow] | None = None,
    started: float = 1_700_000_000.0,
    chance: random.Random | None = None,
    watch: Callable[[HistoryEvent], object] | None = None,
) -> Outcome:
    """Run an execution to its end, and return what it has come to; `watch` is told each event of its history."""
    execution = Execution(id=str(uuid4()), name=name, workflow=workflow, input=input, started=started)
    return Runner(definition, execution, call, languages=languages, chance=chance, watch=watch).run()


class Runner:
    """One execution and its virtual clock: `now` moves on to what is due next, when nothing can go on."""

    def __init__(
        self,
        definition: Definition,
        execution: Execution,
        call: Work,
        *,
        languages: Mapping[QueryLanguage, Dataflow] | None = None,
        chance: random.Random | None = None,
        watch: Callable[[HistoryEvent], object] | None = None,
        ledger: Callable[[Execution, Callable[[HistoryEvent], object]], MemoryLedger] = MemoryLedger,
    ) -> None:
        self.now = execution.started
        self.interpreter = Interpreter(definition, languages=languages, now=lambda: self.now, chance=chance)
        self.ledger = ledger(execution, self._record)
        self.history: list[HistoryEvent] = []
        self._call = call
        self._watch = watch
        self._effects: deque[Effect] = deque()
        self._due: list[tuple[float, int, Callable[[], list[Effect]]]] = []
        self._count = 0

    def run(self) -> Outcome:
        """Begin the execution, and go on to its end."""
        return self.follow(self.interpreter.begin(self.ledger))

    def redrive(self) -> Outcome:
        """Go on with an execution that did not succeed."""
        self.ledger.set("RUNNING", redrives=1)
        self._due.clear()
        return self.follow(self.interpreter.redrive(self.ledger))

    def follow(self, effects: list[Effect]) -> Outcome:
        """Bring effects about, and those that come of them, until the execution has ended."""
        self._effects.extend(effects)
        while True:
            while self._effects:
                ended = self._bring_about(self._effects.popleft())
                if ended is not None:
                    return ended
            if not self._due:
                return Outcome("RUNNING", seconds=self._elapsed, history=self.history)
            moment, _, act = heapq.heappop(self._due)
            self.now = max(self.now, moment)
            self._effects.extend(act())

    @property
    def _elapsed(self) -> float:
        return self.now - self.ledger.execution.started

    def _record(self, event: HistoryEvent) -> None:
        self.history.append(event)
        if self._watch is not None:
            self._watch(event)

    def _bring_about(self, effect: Effect) -> Outcome | None:
        if isinstance(effect, Ended):
            self.ledger.set(effect.status)
            self._effects.clear()
            return Outcome(effect.status, effect.output, effect.error, effect.cause, self._elapsed, self.history)
        if isinstance(effect, Call):
            self._work(effect)
        elif isinstance(effect, Sleep):
            frame = effect.frame
            self._at(effect.until, lambda: self.interpreter.wake(self.ledger, frame))
        elif isinstance(effect, Continue):
            self._effects.extend(self.interpreter.proceed(self.ledger, effect.frame))
        else:
            self._cancelled(effect)
        return None

    def _work(self, call: Call) -> None:
        frame, token = call.frame, call.token
        try:
            result = self._call(call)
        except StatesError as raised:
            error = raised
            self._at(self.now, lambda: self.interpreter.fail(self.ledger, frame, error.error, error.cause, token=token))
            return
        moment = self.now
        if isinstance(result, Late):
            if result.seconds is None:
                return
            moment, result = self.now + result.seconds, result.result
        self._at(moment, lambda: self.interpreter.succeed(self.ledger, frame, result, token=token))

    def _cancelled(self, effect: Cancel) -> None:
        """A task that is cancelled has been done already, or comes to something that nobody takes."""

    def _at(self, moment: float, act: Callable[[], list[Effect]]) -> None:
        self._count += 1
        heapq.heappush(self._due, (moment, self._count, act))
