"""What each type of state does when a frame enters it: leave at once, wait, or fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from isthmus.workflows.dataflow import Flowed
from isthmus.workflows.frames import Frame
from isthmus.workflows.interpreter import limits, values
from isthmus.workflows.interpreter.moments import read
from isthmus.workflows.interpreter.program import Step
from isthmus.workflows.interpreter.spreads import enter_map, enter_parallel
from isthmus.workflows.interpreter.turn import Turn, token
from isthmus.workflows.states_error import RUNTIME, StatesError

Left: TypeAlias = "tuple[Flowed, str] | None"
"""What leaves a state, and for which state (""  where the machine ends); None for a frame that waits."""

LONGEST = 31_536_000 * 100
"""Seconds to which a wait is cut: a moment must stay one that a clock can have."""


def enter(turn: Turn, frame: Frame, step: Step) -> Left:
    """Do what the type of a frame's state does."""
    act = _TYPES.get(step.type)
    if act is None:
        raise StatesError(RUNTIME, f"the state {frame.state[:80]!r} has no type of the language")
    return act(turn, frame, step)


def _pass(turn: Turn, frame: Frame, step: Step) -> Left:
    scope = turn.scope(frame, step)
    return step.flow.output(step.state, scope, step.flow.arguments(step.state, scope)), step.next


def _succeed(turn: Turn, frame: Frame, step: Step) -> Left:
    scope = turn.scope(frame, step)
    return step.flow.output(step.state, scope, step.flow.arguments(step.state, scope)), ""


def _choice(turn: Turn, frame: Frame, step: Step) -> Left:
    chosen = step.flow.choose(step.state, turn.scope(frame, step))
    return chosen.flowed, chosen.next


def _fail(turn: Turn, frame: Frame, step: Step) -> Left:
    scope = turn.scope(frame, step)
    error, cause = values.text(step, "Error", scope), values.text(step, "Cause", scope)
    raise StatesError(error, cause)


def _wait(turn: Turn, frame: Frame, step: Step) -> Left:
    scope = turn.scope(frame, step)
    now = turn.now()
    if step.has("Timestamp"):
        value = values.text(step, "Timestamp", scope)
        moment = read(value)
        if moment is None:
            raise values.wrong(step, "Timestamp", value, "timestamp")
    else:
        moment = now + min(values.whole(step, "Seconds", scope) or 0, LONGEST)
    if moment <= now:
        return over(turn, frame, step)
    frame.waiting, frame.deadline = "time", moment
    turn.wait(frame)
    return None


def over(turn: Turn, frame: Frame, step: Step) -> Left:
    """Leave a Wait."""
    return _pass(turn, frame, step)


def _task(turn: Turn, frame: Frame, step: Step) -> Left:
    frame.token = token()
    scope = turn.scope(frame, step)
    frame.arguments = step.flow.arguments(step.state, scope)
    limits.check(frame.arguments, step.resource)
    timeout = values.whole(step, "TimeoutSeconds", scope, least=1)
    heartbeat = values.whole(step, "HeartbeatSeconds", scope, least=1)
    now = turn.now()
    frame.waiting = "callback" if step.callback else "task"
    frame.deadline = None if timeout is None else now + min(timeout, LONGEST)
    frame.heartbeat = None if heartbeat is None else float(min(heartbeat, LONGEST))
    frame.missed = None if frame.heartbeat is None else now + frame.heartbeat
    turn.record(
        "TaskScheduled",
        frame,
        {"resource": step.resource, "parameters": frame.arguments, "timeout": timeout, "heartbeat": heartbeat},
    )
    turn.wait(frame)
    turn.call(frame, step)
    return None


_TYPES: Mapping[str, Callable[[Turn, Frame, Step], Left]] = {
    "Pass": _pass,
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
    "Parallel": enter_parallel,
    "Map": enter_map,
}
