"""The interpreter: what the calls of a host do to the frames of an execution, and what the host must bring about."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.workflows.dataflow import Dataflow
from isthmus.workflows.definition import Definition, QueryLanguage
from isthmus.workflows.frames import Effect, Frame, Ledger, Sleep
from isthmus.workflows.interpreter import limits
from isthmus.workflows.interpreter.course import attempt, completed, go_on, resumed, run
from isthmus.workflows.interpreter.failures import fail, give_up
from isthmus.workflows.interpreter.languages import language
from isthmus.workflows.interpreter.program import Program
from isthmus.workflows.interpreter.states import over
from isthmus.workflows.interpreter.turn import Turn
from isthmus.workflows.states_error import HEARTBEAT_TIMEOUT, TIMEOUT, StatesError
from isthmus.workflows.tape import drawn

_TASK = frozenset({"task", "callback"})


class Interpreter:
    """Runs executions of one definition, whose frames are in a ledger: it holds nothing of any execution itself.

    Each call is one transaction: the host keeps what the ledger was told, and after that brings the effects about. A
    call for a frame that is gone, that waits for something else, or whose execution has ended changes nothing and
    returns no effects. `languages` are the query languages, by default those of the project; `now` and `chance` are the
    clock and the dice of jitter. One interpreter may serve many threads.
    """

    def __init__(
        self,
        definition: Definition,
        *,
        languages: Mapping[QueryLanguage, Dataflow] | None = None,
        now: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        self._program = Program(definition, language if languages is None else languages.__getitem__)
        self._now = lambda: float(drawn("now", now))
        self._chance = chance or random.Random()

    def begin(self, ledger: Ledger) -> list[Effect]:
        """Start the execution that the ledger is of; one that has a root frame already is not started again."""
        turn = self._turn(ledger)
        if turn is None or any(True for _ in ledger.below(0)):
            return []
        root, given = self._program.root, ledger.execution.input
        frame = Frame(machine=root.pointer, state=root.start_at, input=given, entered=turn.now())
        frame.expires = self._expiry(turn)
        frame.id = ledger.add(frame)
        turn.record("ExecutionStarted", frame, {"input": given})
        try:
            limits.check_foreign(given, ledger.execution.workflow)
        except StatesError as error:  # which no state may catch, because none was entered
            give_up(turn, frame, error)
        else:
            go_on(turn, frame)
        return run(turn)

    def proceed(self, ledger: Ledger, frame: int) -> list[Effect]:
        """Go on with a frame that had said `Continue`."""
        turn, found = self._found(ledger, frame)
        if turn is None or found is None:
            return []
        if self._expired(turn, found):
            return turn.effects
        if found.waiting == "":
            turn.frames.append(found)
        elif found.waiting == "frames":
            turn.spreads[found.id] = None
        return run(turn)

    def succeed(self, ledger: Ledger, frame: int, result: Any, *, token: str = "") -> list[Effect]:
        """Take the result of a `Call`; with the call's `token`, that of an earlier attempt is known as late."""
        turn, found = self._found(ledger, frame)
        if turn is None or found is None or not _awaits(found, token):
            return []
        completed(turn, found, result)
        return run(turn)

    def fail(self, ledger: Ledger, frame: int, error: str, cause: str, *, token: str = "") -> list[Effect]:
        """Take the failure of a `Call`; with the call's `token`, that of an earlier attempt is known as late."""
        turn, found = self._found(ledger, frame)
        if turn is None or found is None or not _awaits(found, token):
            return []
        return self._failed(turn, found, StatesError(error, cause), "TaskFailed")

    def wake(self, ledger: Ledger, frame: int) -> list[Effect]:
        """Do what is due at a frame's `until`.

        A Wait is over, another attempt begins, a task or the execution has timed out, a heartbeat was missed. A call
        that comes too early asks for another `Sleep`.
        """
        turn, found = self._found(ledger, frame)
        if turn is None or found is None or found.until is None:
            return []
        if turn.now() < found.until:
            return [Sleep(found.id, found.until)]
        if self._expired(turn, found):
            return turn.effects
        return self._due(turn, found)

    def heartbeat(self, ledger: Ledger, frame: int, *, token: str = "") -> list[Effect]:
        """Take a sign of life of the task that a frame waits for."""
        turn, found = self._found(ledger, frame)
        if turn is None or found is None or not _awaits(found, token) or found.heartbeat is None:
            return []
        found.missed = turn.now() + found.heartbeat
        turn.wait(found)
        return turn.effects

    def stop(self, ledger: Ledger, error: str, cause: str) -> list[Effect]:
        """End an execution as "ABORTED"."""
        turn = self._turn(ledger)
        root = next(iter(ledger.below(0)), None)
        if turn is None or root is None:
            return []
        turn.record("ExecutionAborted", root, {"error": error, "cause": cause})
        turn.finish("ABORTED", None, error, cause)
        return turn.effects

    def redrive(self, ledger: Ledger) -> list[Effect]:
        """Go on with an execution that has failed, timed out or was stopped, from the states that did not succeed.

        The host has counted the redrive and made the execution's status "RUNNING" before. What has succeeded (states,
        branches, iterations) is kept; each state that had not is entered anew, with all of its retries.
        """
        turn = self._turn(ledger)
        frames = list(ledger.below(0))
        if turn is None or not frames:
            return []
        turn.record("ExecutionRedriven", frames[0], {"redriveCount": ledger.execution.redrives})
        frames[0].expires = self._expiry(turn)
        for frame in frames:
            go_on(turn, frame)
        return run(turn)

    def resume(self, ledger: Ledger, frame: int) -> list[Effect]:
        """Return anew the effects that a frame waits for, after a host has crashed: `ledger.below(0)` has the frames.

        A task's `Call` has the token, the attempt and the arguments that it had.
        """
        turn, found = self._found(ledger, frame)
        return [] if turn is None or found is None else resumed(turn, found)

    def _turn(self, ledger: Ledger) -> Turn | None:
        if ledger.execution.status != "RUNNING":
            return None
        return Turn(self._program, ledger, self._now, self._chance)

    def _found(self, ledger: Ledger, identifier: int) -> tuple[Turn | None, Frame | None]:
        turn = self._turn(ledger)
        return turn, None if turn is None else ledger.frame(identifier)

    def _expiry(self, turn: Turn) -> float | None:
        return None if self._program.timeout is None else turn.now() + self._program.timeout

    def _expired(self, turn: Turn, frame: Frame) -> bool:
        """End the execution where its time is over."""
        if frame.expires is None or turn.now() < frame.expires:
            return False
        turn.record("ExecutionTimedOut", frame, {"error": TIMEOUT, "cause": ""})
        turn.finish("TIMED_OUT", None, TIMEOUT, "")
        return True

    def _due(self, turn: Turn, frame: Frame) -> list[Effect]:
        if frame.waiting in _TASK:
            late = frame.deadline is not None and frame.deadline <= turn.now()
            return self._failed(turn, frame, StatesError(TIMEOUT if late else HEARTBEAT_TIMEOUT), "TaskTimedOut")
        if frame.waiting == "retry":
            turn.frames.append(frame)
        elif frame.waiting == "time":
            attempt(turn, frame, lambda: over(turn, frame, turn.step(frame)))
        return run(turn)

    def _failed(self, turn: Turn, frame: Frame, error: StatesError, event: str) -> list[Effect]:
        turn.record(event, frame, {"error": error.error, "cause": error.cause})
        if event == "TaskTimedOut":
            turn.cancel(frame)
        turn.over.add(frame.token)
        fail(turn, frame, error)
        return run(turn)


def _awaits(frame: Frame, token: str) -> bool:
    return frame.waiting in _TASK and (not token or token == frame.token)
