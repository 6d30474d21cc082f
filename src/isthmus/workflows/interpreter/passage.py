"""The passage from one state to the next."""

from __future__ import annotations

from typing import Any

from isthmus.workflows.dataflow import Flowed
from isthmus.workflows.frames import Frame
from isthmus.workflows.interpreter import limits
from isthmus.workflows.interpreter.program import Step
from isthmus.workflows.interpreter.turn import Turn
from isthmus.workflows.states_error import RUNTIME, StatesError


def leave(turn: Turn, frame: Frame, step: Step, flowed: Flowed, following: str) -> None:
    """Take a frame out of its state into the `following` one, which it has yet to enter.

    `StatesError` where the output is too large, or nothing follows: then the frame is as it was.
    """
    if not following:
        raise StatesError(RUNTIME, f"no state follows {frame.state[:80]!r}, and the machine does not end there")
    output = flowed.output
    turn.record(step.exited, frame, _checked(frame, flowed))
    frame.variables = {**frame.variables, **flowed.assigned} if flowed.assigned else frame.variables
    frame.state, frame.input = following, output
    _fresh(frame)


def end(turn: Turn, frame: Frame, step: Step, flowed: Flowed) -> None:
    """Take a frame out of the last state of its machine, and out of the ledger."""
    output = flowed.output
    turn.record(step.exited, frame, _checked(frame, flowed))
    turn.ledger.end(frame, output)
    if not frame.parent:
        turn.record("ExecutionSucceeded", frame, {"output": output})
        turn.finish("SUCCEEDED", output)
        return
    join = turn.ledger.join(frame.parent)
    if join is not None:
        if join.iterates:
            turn.record("MapIterationSucceeded", frame, {"index": frame.index})
        join.ended += 1
        turn.ledger.keep(join)
        turn.spreads[frame.parent] = None


def _checked(frame: Frame, flowed: Flowed) -> dict[str, Any]:
    """Return what the history tells of what leaves a state, where that is not too large."""
    if flowed.output is not frame.input:  # which was checked when it left the state before
        limits.check(flowed.output, frame.state)
    if not flowed.assigned:
        return {"output": flowed.output}
    limits.check(flowed.assigned, frame.state)
    return {"output": flowed.output, "assigned": flowed.assigned}


def _fresh(frame: Frame) -> None:
    """Forget what a frame knew of the state that it has left."""
    frame.waiting = ""
    if frame.retries:
        frame.attempts, frame.retries = {}, 0
    if frame.token or frame.deadline is not None or frame.arguments is not None:
        frame.token, frame.deadline, frame.missed, frame.heartbeat, frame.arguments = "", None, None, None, None
