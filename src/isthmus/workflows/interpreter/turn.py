"""A turn: one call of the interpreter, while it works on the frames of one execution."""

from __future__ import annotations

import random
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.frames import (
    Call,
    Cancel,
    Continue,
    Effect,
    Ended,
    ExecutionStatus,
    Frame,
    HistoryEvent,
    Ledger,
    Sleep,
)
from isthmus.workflows.interpreter.moments import written
from isthmus.workflows.interpreter.program import RETRYING, Program, Step
from isthmus.workflows.tape import drawn

TRANSITIONS = 100
"""How many states one call goes through at most, so that a transaction is short and others have their turn."""


class Turn:
    """What one call has at hand: the ledger, the effects so far, and which frames have yet to go on.

    `frames` are about to enter the state that they are in, `spreads` (by their frames' ids) may start further frames
    below them. `over` are the tokens of tasks that have come to something: nobody need cancel these.
    """

    __slots__ = (
        "_about",
        "_gone",
        "chance",
        "effects",
        "frames",
        "ledger",
        "left",
        "now",
        "over",
        "program",
        "spreads",
    )

    def __init__(self, program: Program, ledger: Ledger, now: Callable[[], float], chance: random.Random) -> None:
        self.program = program
        self.ledger = ledger
        self.now = now
        self.chance = chance
        self.left = TRANSITIONS
        self.effects: list[Effect] = []
        self.frames: deque[Frame] = deque()
        self.spreads: dict[int, None] = {}
        self.over: set[str] = set()
        self._about: dict[str, Any] | None = None
        self._gone: set[int] = set()

    # what the frames see

    def step(self, frame: Frame) -> Step:
        """Return the state that a frame is in."""
        return self.program.step(frame.machine, frame.state)

    def scope(self, frame: Frame, step: Step) -> Scope:
        """Return what the fields of a frame's state can see."""
        return Scope(frame.input, self.context(frame, step), frame.variables)

    def context(self, frame: Frame, step: Step) -> dict[str, Any]:
        """Return the context object."""
        state: dict[str, Any] = {"Name": frame.state, "EnteredTime": written(frame.entered)}
        if step.type in RETRYING:
            state["RetryCount"] = frame.retries
        seen = {**(self._about or self._execution()), "State": state}
        if frame.item is not None:
            seen["Map"] = {"Item": frame.item}
        if step.callback:
            seen["Task"] = {"Token": frame.token}
        return seen

    def _execution(self) -> dict[str, Any]:
        execution = self.ledger.execution
        self._about = {
            "Execution": {
                "Id": execution.id,
                "Input": execution.input,
                "Name": execution.name,
                "RoleArn": "",
                "StartTime": written(execution.started),
                "RedriveCount": execution.redrives,
            },
            "StateMachine": {"Id": execution.workflow, "Name": execution.workflow},
        }
        return self._about

    # what becomes of them

    def record(self, type: str, frame: Frame, details: Mapping[str, Any]) -> None:
        """Add to the history."""
        self.ledger.record(HistoryEvent(type, self.now(), frame.id, frame.state, details))

    def wait(self, frame: Frame) -> None:
        """Save a frame that waits, and ask to be woken when that is due."""
        times = [time for time in (frame.deadline, frame.missed, frame.expires) if time is not None]
        frame.until = min(times) if times else None
        self.ledger.save(frame)
        if frame.until is not None:
            self.effects.append(Sleep(frame.id, frame.until))

    def pause(self, frame: Frame) -> None:
        """Save a frame that could go on, and ask for another turn for it."""
        self.wait(frame)
        self.effects.append(Continue(frame.id))

    def call(self, frame: Frame, step: Step, *, resource: str = "") -> None:
        """Ask for the work of a task, or for that of another `resource`."""
        self.effects.append(
            Call(
                frame=frame.id,
                state=frame.state,
                pointer=step.state.pointer,
                resource=resource or step.resource,
                arguments=frame.arguments,
                token=frame.token,
                attempt=frame.retries + 1,
                context=self.context(frame, step),
            )
        )

    def cancel(self, frame: Frame) -> None:
        """Say that nobody waits for a frame's task any more."""
        if frame.waiting in {"task", "callback"} and frame.token not in self.over:
            self.effects.append(Cancel(frame.id, frame.token))

    def forget(self, frame: Frame) -> None:
        """Forget what is below a frame; the tasks there are cancelled."""
        for below in self.ledger.below(frame.id):
            self._gone.add(below.id)
            self.cancel(below)
        self.ledger.forget(frame.id)

    def finish(self, status: ExecutionStatus, output: Any = None, error: str = "", cause: str = "") -> None:
        """End the execution. What has not ended stays as it is, for a redrive; the tasks there are cancelled."""
        if status != "SUCCEEDED":
            for frame in self.ledger.below(0):
                self.cancel(frame)
        self.frames.clear()
        self.spreads.clear()
        called = {effect.token for effect in self.effects if isinstance(effect, Call)}
        cancels = [effect for effect in self.effects if isinstance(effect, Cancel) and effect.token not in called]
        self.effects = [*cancels, Ended(status, output, error, cause)]

    def following(self) -> Frame | None:
        """Return the frame that is to go on next."""
        while self.frames:
            frame = self.frames.popleft()
            if frame.id not in self._gone:
                return frame
        return None

    def settled(self) -> list[Effect]:
        """Return the effects, without those of frames that are gone but the cancelling of tasks that did begin."""
        if not self._gone:
            return self.effects
        called = {effect.token for effect in self.effects if isinstance(effect, Call) and effect.frame in self._gone}
        return [effect for effect in self.effects if self._stands(effect, called)]

    def _stands(self, effect: Effect, called: set[str]) -> bool:
        if isinstance(effect, Cancel):
            return effect.token not in called
        return isinstance(effect, Ended) or effect.frame not in self._gone


def token() -> str:
    """Return a token that nobody can guess (who has it completes the task), and no command line takes for an option."""
    return str(drawn("token", lambda: secrets.token_hex(16)))
