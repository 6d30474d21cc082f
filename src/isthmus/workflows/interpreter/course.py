"""The course of frames through their states, until each of them waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isthmus.workflows.frames import Continue, Effect, Frame, Sleep
from isthmus.workflows.interpreter import limits, spreads
from isthmus.workflows.interpreter.failures import fail
from isthmus.workflows.interpreter.passage import end, leave
from isthmus.workflows.interpreter.program import Step
from isthmus.workflows.interpreter.states import Left, enter
from isthmus.workflows.interpreter.turn import Turn
from isthmus.workflows.states_error import QUERY, RUNTIME, StatesError


def run(turn: Turn) -> list[Effect]:
    """Go on with the frames that can, those that run before those that may be started; return all effects."""
    while True:
        frame = turn.following()
        if frame is not None:
            _advance(turn, frame)
        elif turn.spreads:
            identifier = next(iter(turn.spreads))
            del turn.spreads[identifier]
            _refill(turn, identifier)
        else:
            return turn.settled()


def attempt(turn: Turn, frame: Frame, work: Callable[[], Left]) -> None:
    """Do what brings a frame out of its state, or lets it fail; it then is among those that go on."""
    if _left(turn, frame, work):
        turn.frames.append(frame)


def go_on(turn: Turn, frame: Frame) -> None:
    """Let a frame enter its state anew, or start those below it that are missing."""
    if frame.waiting == "frames":
        turn.wait(frame)
        turn.spreads[frame.id] = None
        return
    frame.waiting = ""
    frame.attempts, frame.retries = {}, 0
    frame.deadline = frame.missed = frame.arguments = None
    turn.frames.append(frame)


def completed(turn: Turn, frame: Frame, result: Any) -> None:
    """Take the result of a task, or the items of a Map that had to be read."""
    turn.over.add(frame.token)

    def work() -> Left:
        step = turn.step(frame)
        if step.type == "Map":
            spreads.iterate(turn, frame, step, spreads.items_read(step, result))
            return None
        try:
            limits.check_foreign(result, step.resource)
        except StatesError as error:
            turn.record("TaskFailed", frame, {"error": error.error, "cause": error.cause})
            raise
        turn.record("TaskSucceeded", frame, {"resource": step.resource, "output": result})
        return step.flow.output(step.state, turn.scope(frame, step), result), step.next

    attempt(turn, frame, work)


def resumed(turn: Turn, frame: Frame) -> list[Effect]:
    """Return the effects that a frame waits for."""
    if frame.until is not None:
        turn.effects.append(Sleep(frame.id, frame.until))
    if frame.waiting in {"task", "callback"}:
        attempt(turn, frame, lambda: _called(turn, frame))
    elif frame.waiting == "":
        turn.effects.append(Continue(frame.id))
    elif frame.waiting == "frames":
        join = turn.ledger.join(frame.id)
        if join is not None and (join.ended >= join.total or spreads.refillable(join)):
            turn.effects.append(Continue(frame.id))
    return run(turn)


def _called(turn: Turn, frame: Frame) -> Left:
    step = turn.step(frame)
    if step.type == "Map":
        spreads.call_reader(turn, frame, step)
    else:
        turn.call(frame, step)
    return None


def _advance(turn: Turn, frame: Frame) -> None:
    """Take a frame from state to state, until it waits, ends, fails, or has had its turn."""
    while turn.left > 0:
        turn.left -= 1
        if not _left(turn, frame, lambda: _entered(turn, frame)):
            return
    turn.pause(frame)


def _entered(turn: Turn, frame: Frame) -> Left:
    step = turn.step(frame)
    if frame.waiting == "retry":
        frame.waiting, frame.deadline = "", None
    else:
        frame.entered = turn.now()
        turn.record(step.entered, frame, {"input": frame.input})
    return enter(turn, frame, step)


def _left(turn: Turn, frame: Frame, work: Callable[[], Left]) -> bool:
    """Do a frame's work in its state; True where it is in another one now."""
    try:
        left = work()
        if left is None:
            return False
        flowed, following = left
        step = turn.step(frame)
        if following or not _ends(step):
            leave(turn, frame, step, flowed, following)
            return True
        end(turn, frame, step, flowed)
    except StatesError as error:
        if error.error == QUERY:
            turn.record("EvaluationFailed", frame, {"error": error.error, "cause": error.cause})
        fail(turn, frame, error)
    except RecursionError:
        fail(turn, frame, StatesError(RUNTIME, "the data, or what computes it, is nested too deep"))
    return False


def _ends(step: Step) -> bool:
    return step.type == "Succeed" or bool(step.state.fields.get("End"))


def _refill(turn: Turn, identifier: int) -> None:
    """Start one more frame below a frame, if one may be; or take the outputs of all."""
    join = turn.ledger.join(identifier)
    frame = turn.ledger.frame(identifier) if join else None
    if join is None or frame is None or frame.waiting != "frames":
        return
    if join.ended >= join.total:
        attempt(turn, frame, lambda: _joined(turn, frame))
    elif not spreads.refillable(join):
        return
    elif turn.left <= 0:
        turn.effects.append(Continue(identifier))
    else:
        try:
            turn.frames.append(spreads.start(turn, frame, turn.step(frame), join))
        except StatesError as error:
            fail(turn, frame, error)
        else:
            turn.spreads[identifier] = None


def _joined(turn: Turn, frame: Frame) -> Left:
    step = turn.step(frame)
    return spreads.result(turn, frame, step), step.next
