"""Sagas: steps that are undone where a later one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from isthmus.errors import InvalidValueError
from isthmus.workflows.builder.chain import Chain
from isthmus.workflows.builder.conditions import when
from isthmus.workflows.builder.errors import Retrier, catch, retry
from isthmus.workflows.builder.options import TaskOptions

UNDONE_BY = retry(interval_seconds=2, max_attempts=5, backoff_rate=2, max_delay_seconds=60)
"""How often a compensation is tried, unless a saga says otherwise: six times within about a minute."""

FAILED = "CompensationFailed"
"""The error of an execution some of whose steps could not be undone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a saga, made by `step`."""

    name: str
    resource: str
    undo: str | None
    options: TaskOptions


def step(name: str, resource: str, *, undo: str | None = None, **options: Unpack[TaskOptions]) -> Step:
    """Return a step: a task, and in `undo` what undoes it once it was done; `options` are those of any task.

    Its name is a plain word: its result is put into the saga's data under it, for later steps and for `undo` to see,
    unless `result_path` says otherwise.
    """
    if not (name.isascii() and name.isidentifier()):
        raise InvalidValueError(f"the step {name!r} needs a plain word as its name: its result is kept under it")
    options.setdefault("result_path", f"$.{name}")
    return Step(name, resource, undo, options)


def saga(*steps: Step, name: str = "Saga", keep: str = "saga", undo_retry: Retrier = UNDONE_BY) -> Chain:
    """Return the states of a saga: steps that are done in order, and undone in the opposite one where one fails.

    All of them see the saga's data: its input, which has to be an object, with the results of the steps so far. Where a
    step fails for good (its own `retry` and `catch` go first), what undoes the steps that were done before it runs,
    the newest first, each tried as `undo_retry` says; the failed step itself is not undone. Then the execution, or the
    branch that the saga is in, fails with the error and the cause of the step.

    Where a compensation fails for good as well, the others run all the same. In the end the execution fails with the
    error `CompensationFailed`, whose cause is JSON text: `{"failure": {"Error": …, "Cause": …}, "notUndone":
    {"<step>": {"Error": …, "Cause": …}}}`. That object is kept in the data under the name `keep` meanwhile.

    It is within what every provider can run. Errors that nothing can catch (`States.Runtime`: the definition itself is
    wrong for its data) end it without any compensation, and so does stopping the execution.
    """
    chain = Chain()
    ends = _Ends(name, keep)
    undone: list[Step] = []
    for each in steps:
        _do(chain, each, ends, undone)
        undone += [each] if each.undo and each is not steps[-1] else []  # after the last one nothing can fail
    opened, chain.open = chain.open, []
    for each, before in reversed(list(zip(undone, [None, *undone], strict=False))):
        _undo(chain, each, _undoing(before) if before else ends.decided, ends, undo_retry)
    ends.add(chain, any_undone=bool(undone))
    chain.open = opened
    return chain


@dataclass(frozen=True, slots=True)
class _Ends:
    """How a saga fails: the names of the states, and where in its data the errors are kept."""

    name: str
    keep: str

    @property
    def decided(self) -> str:
        return f"{self.name}Undone"

    def add(self, chain: Chain, *, any_undone: bool) -> None:
        kept = f"$.{self.keep}"
        failed = f"{self.name}Failed"
        if any_undone:
            not_undone = (when(f"{kept}.notUndone").is_present(), f"{self.name}NotUndone")
            chain.choice(self.decided, not_undone, default=failed)
            cause = f"States.JsonToString({kept})"
            chain.fail(f"{self.name}NotUndone", error=FAILED, cause_path=cause)
        chain.fail(failed, error_path=f"{kept}.failure.Error", cause_path=f"{kept}.failure.Cause")


def _do(chain: Chain, each: Step, ends: _Ends, done: Sequence[Step]) -> None:
    after = _undoing(done[-1]) if done else f"{ends.name}Failed"
    options: dict[str, Any] = dict(each.options)
    options["catch"] = [*each.options.get("catch", ()), catch(then=after, result_path=f"$.{ends.keep}.failure")]
    chain.task(each.name, each.resource, **options)


def _undo(chain: Chain, each: Step, after: str, ends: _Ends, undo_retry: Retrier) -> None:
    failed = catch(then=after, result_path=f"$.{ends.keep}.notUndone.{each.name}")
    chain.task(_undoing(each), str(each.undo), result_path=None, retry=[undo_retry], catch=[failed], next=after)


def _undoing(each: Step) -> str:
    return f"Undo{each.name}"
