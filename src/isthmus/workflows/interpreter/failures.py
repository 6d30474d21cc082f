"""Failures: which Retry or Catch takes one, and what becomes of the frames on the way up to it."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.workflows.frames import Frame, Join
from isthmus.workflows.interpreter.passage import leave
from isthmus.workflows.interpreter.program import RETRYING, Catcher, Retrier, Step
from isthmus.workflows.interpreter.spreads import too_many
from isthmus.workflows.interpreter.turn import Turn
from isthmus.workflows.resource_uris import SERVICE_ERRORS
from isthmus.workflows.states_error import (
    ALL,
    BRANCH_FAILED,
    HEARTBEAT_TIMEOUT,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
    TOLERATED,
    StatesError,
)

PLATFORM = "ServiceError"
"""The neutral name of what is the platform's fault; a document may give it the names of a service too."""

LONGEST = 31_536_000.0
"""Seconds between two attempts at most, however often they were multiplied: a year, as long as an execution lasts."""


@dataclass(frozen=True, slots=True)
class Again:
    """Another attempt, by the retrier at `position`."""

    retrier: Retrier
    position: str


def fail(turn: Turn, origin: Frame, error: StatesError) -> None:
    """Do what a failure of a frame's state leads to: there, in a frame above it, or for the whole execution."""
    frame, current = origin, error
    while not _taken(turn, frame, origin, current):
        above = turn.ledger.frame(frame.parent) if frame.parent else None
        join = turn.ledger.join(frame.parent) if above else None
        if above is None or join is None:
            give_up(turn, origin, current)
            return
        if join.iterates:
            told = {"index": frame.index, "error": current.error, "cause": current.cause}
            turn.record("MapIterationFailed", frame, told)
        if join.tolerated is not None or join.share is not None:
            if not too_many(join, join.failed + 1):
                _tolerate(turn, frame, join)
                return
            current = StatesError(TOLERATED, "The specified tolerated failure threshold was exceeded")
        frame = above


def matches(names: frozenset[str], error: str, *, spread: bool = False) -> bool:
    """Tell whether an error is of those that an ErrorEquals lists; `spread` says that it is of a Parallel or Map.

    What `States.ALL` takes is as recorded: `States.DataLimitExceeded` too, but not `States.Runtime`.
    https://states-language.net/spec.html#errors
    """
    if error in names:
        return True
    wild = (ALL in names) or (TASK_FAILED in names and error != TIMEOUT) or (spread and BRANCH_FAILED in names)
    if wild and error != RUNTIME:
        return True
    if error == HEARTBEAT_TIMEOUT and TIMEOUT in names:
        return True
    if error == PLATFORM:
        return not names.isdisjoint(SERVICE_ERRORS)
    return error in SERVICE_ERRORS and PLATFORM in names


def _taken(turn: Turn, frame: Frame, origin: Frame, error: StatesError) -> bool:
    """Let a Retry or Catch of a frame's state take a failure; False where none does."""
    try:
        step = turn.step(frame)
    except StatesError:  # a state that does not exist takes nothing
        return False
    if frame is not origin:
        turn.record(f"{step.type}StateFailed", frame, {"error": error.error, "cause": error.cause})
    found = handling(step, frame, error.error, spread=frame is not origin)
    if isinstance(found, Again):
        _retry(turn, frame, step, found)
    elif found is not None:
        return _catch(turn, frame, step, found, error)
    return found is not None


def handling(step: Step, frame: Frame, error: str, *, spread: bool = False) -> Again | Catcher | None:
    """Return what takes an error of a frame's state: a retrier that has attempts left, or a catcher."""
    if step.type not in RETRYING:
        return None
    for number, retrier in enumerate(step.retriers):
        if matches(retrier.errors, error, spread=spread):
            if frame.attempts.get(str(number), 0) < retrier.most:
                return Again(retrier, str(number))
            break
    return next((catcher for catcher in step.catchers if matches(catcher.errors, error, spread=spread)), None)


def _retry(turn: Turn, frame: Frame, step: Step, again: Again) -> None:
    made = frame.attempts.get(again.position, 0)
    frame.attempts = {**frame.attempts, again.position: made + 1}
    frame.retries += 1
    _forget(turn, frame, step)
    frame.waiting = "retry"
    frame.deadline = turn.now() + delay(again.retrier, made, turn.chance.random())
    frame.missed = frame.heartbeat = frame.arguments = None
    frame.token = ""
    turn.wait(frame)


def delay(retrier: Retrier, made: int, dice: float) -> float:
    """Return the seconds before another attempt, when `made` were made before it; `dice` is between 0 and 1."""
    try:
        seconds = retrier.interval * retrier.rate**made
    except OverflowError:
        seconds = LONGEST
    seconds = min(seconds, LONGEST if retrier.longest is None else retrier.longest)
    return max(0.0, seconds * dice if retrier.jitter else seconds)


def _catch(turn: Turn, frame: Frame, step: Step, catcher: Catcher, error: StatesError) -> bool:
    told = {"Error": error.error, "Cause": error.cause}
    try:
        flowed = step.flow.caught(catcher.fields, turn.scope(frame, step), told)
        leave(turn, frame, step, flowed, catcher.next)
    except StatesError:
        return False
    _forget(turn, frame, step)
    turn.frames.append(frame)
    return True


def _forget(turn: Turn, frame: Frame, step: Step) -> None:
    if step.type in {"Parallel", "Map"}:
        turn.forget(frame)


def _tolerate(turn: Turn, frame: Frame, join: Join) -> None:
    turn.forget(frame)
    turn.ledger.fail(frame)
    join.failed += 1
    join.ended += 1
    turn.ledger.keep(join)
    turn.spreads[join.frame] = None


def give_up(turn: Turn, origin: Frame, error: StatesError) -> None:
    """Let the execution fail: the frame that did is kept as it entered its state, so that a redrive can go on."""
    if origin.waiting == "frames":  # its state itself failed, and will start those below it anew
        turn.forget(origin)
    origin.waiting = "redrive"
    origin.deadline = origin.missed = origin.until = None
    turn.ledger.save(origin)
    turn.record("ExecutionFailed", origin, {"error": error.error, "cause": error.cause})
    turn.finish("FAILED", None, error.error, error.cause)
