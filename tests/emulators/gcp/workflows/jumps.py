"""Where jumps go: see `checks`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.emulators.gcp.workflows.steps import (
    Block,
    For,
    Parallel,
    Return,
    Routine,
    Step,
    Steps,
    Switch,
    Try,
    nested,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The steps that can be jumped to, and what else `next` may say."""

    steps: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset({"end"})


_BRANCH = _Place(words=frozenset())


def jumps(routine: Routine) -> Iterator[str]:
    """Yield what is wrong with the jumps, and with the names, of a workflow's steps."""
    counted = Counter(_names(routine.body))
    yield from (f"step '{name}': duplicate step name" for name, count in counted.items() if count > 1)
    yield from _list(routine.body, _Place())


def _names(steps: Steps) -> Iterator[str]:
    for step in steps:
        if not step.inline:
            yield step.name
        if isinstance(step.action, Parallel) and not isinstance(step.action.work, For):
            yield from (branch.name for branch in step.action.work)
        for inner in nested(step):
            yield from _names(inner)


def _list(steps: Steps, place: _Place) -> Iterator[str]:
    names = {step.name for step in steps if not step.inline}
    here = replace(place, steps=place.steps | names)
    for step in steps:
        yield from _target(step, step.next, here)
        yield from _inside(step, here)


def _target(step: Step, target: str | None, place: _Place) -> Iterator[str]:
    if target is not None and target not in place.steps | place.words:
        yield f"step '{step.name}': 'next' to {target!r}, which is no step that can be jumped to from here"


def _inside(step: Step, place: _Place) -> Iterator[str]:
    action = step.action
    if isinstance(action, Return) and not place.words:
        yield f"step '{step.name}': 'return' in a parallel branch"
    elif isinstance(action, Switch):
        for case in action.cases:
            yield from _target(step, case.next, place)
            yield from _list(case.body, place)
    elif isinstance(action, Block):
        yield from _list(action.body, place)
    else:
        yield from _apart(step, place)


def _apart(step: Step, place: _Place) -> Iterator[str]:
    """Yield what is wrong in steps that cannot be left by a jump."""
    action = step.action
    left = replace(place, steps=frozenset())
    if isinstance(action, For):
        words = {"break", "continue"} | (place.words & {"end"})
        yield from _list(action.body, _Place(words=frozenset(words)))
    elif isinstance(action, Try):
        yield from _list(action.body, left)
        yield from _list(action.handler.body if action.handler else (), place)
    elif isinstance(action, Parallel):
        for body in nested(step):
            yield from _list(body, _BRANCH)
