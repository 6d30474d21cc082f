"""Parallel steps.

- All branches, or iterations, run to their end; those that have failed are told together in `UnhandledBranchError`.
  `concurrency_limit` holds for its own step; 20 run at a time in an execution.
  https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps
- A parallel step may be in a parallel step, and no deeper: `ParallelNestingError`.
  https://cloud.google.com/workflows/quotas#resource_limits
- The form of the error (`branches` with `id` and `error`, `truncated` after 100 of them) is from memory.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

from tests.emulators.gcp.workflows.execution import STEPS, Slots
from tests.emulators.gcp.workflows.failures import Raised, failure
from tests.emulators.gcp.workflows.interpreter import Frame, iterations, run
from tests.emulators.gcp.workflows.loop import Branch as Running
from tests.emulators.gcp.workflows.loop import finished
from tests.emulators.gcp.workflows.scopes import Scope
from tests.emulators.gcp.workflows.steps import For, Parallel, Steps
from tests.emulators.gcp.workflows.values import encoded, kind

DEPTH = 2
TOLD = 100

Work = tuple[str, Steps, dict[str, Any]]
"""The id of a branch or iteration, its steps, and the variables it begins with."""


async def parallel(action: Parallel, frame: Frame) -> None:
    """Run branches, or iterations, side by side, and wait for all."""
    if frame.parallel >= DEPTH:
        raise failure("ParallelNestingError", f"parallel steps are nested too deep: at most {DEPTH}")
    slots = Slots(_limit(action, frame))
    execution = frame.execution
    inner = replace(frame, parallel=frame.parallel + 1)
    if frame.parallel:
        execution.slots.give()
    running = [execution.loop.spawn(_slotted(work, inner, slots)) for work in _works(action, frame)]
    for one in running:
        await finished(one)
    if frame.parallel:
        await execution.slots.take()
    _checked(running)


def _works(action: Parallel, frame: Frame) -> list[Work]:
    if isinstance(action.work, For):
        body = action.work.body
        first = list(islice(iterations(action.work, frame), STEPS + 1))
        if len(first) > STEPS:
            raise failure("ResourceLimitError", f"too many iterations: an execution has {STEPS} steps")
        return [(str(number), body, values) for number, values in enumerate(first)]
    return [(branch.name, branch.body, {}) for branch in action.work]


def _limit(action: Parallel, frame: Frame) -> int:
    if action.limit is None:
        return 10**9
    limit = frame.value(action.limit)
    if type(limit) is not int:
        raise failure("TypeError", f"concurrency_limit must be an integer; got: {kind(limit)}")
    if limit < 1:
        raise failure("ValueError", f"concurrency_limit must be positive; got: {limit}")
    return limit


async def _slotted(work: Work, frame: Frame, slots: Slots) -> tuple[str, Raised | None]:
    """Run a branch when its step and the execution have room for it; return its id, and its error."""
    await slots.take()
    await frame.execution.slots.take()
    try:
        return work[0], await _branch(work, frame, frame.scope)
    finally:
        frame.execution.slots.give()
        slots.give()


async def _branch(work: Work, frame: Frame, around: Scope) -> Raised | None:
    _, steps, values = work
    scope = around.inner()
    try:
        for name, value in values.items():
            scope.own(name, value)
        await run(steps, replace(frame, scope=scope))
    except Raised as error:
        return error
    finally:
        scope.close()
    return None


def _checked(running: list[Running[tuple[str, Raised | None]]]) -> None:
    """Raise what the branches have left."""
    for one in running:
        if one.error:
            raise one.error
    ended = [one.result for one in running if one.result]
    failed = [(identifier, error) for identifier, error in ended if error]
    if failed:
        message = "UnhandledBranchError: One or more branches or iterations encountered an unhandled runtime error"
        told = {"branches": [_told(*one) for one in failed[:TOLD]], "truncated": len(failed) > TOLD}
        raise failure("UnhandledBranchError", message, "RuntimeError", **told)


def _told(identifier: str, error: Raised) -> dict[str, Any]:
    return {"id": identifier, "error": {"context": error.context, "payload": encoded(error.value)}}
