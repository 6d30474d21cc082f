"""Steps of a workflow, as they have been read from its source.

https://cloud.google.com/workflows/docs/reference/syntax/steps
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.gcp.workflows.syntax import Node
from tests.emulators.gcp.workflows.templates import Template

Steps = tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """Values for variables: each target is a variable, or a place in one (`a.b[0]`)."""

    targets: tuple[tuple[Node, Template], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function or subworkflow, with arguments by name."""

    function: str
    arguments: Mapping[str, Template]
    result: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A condition of a switch, what is done where it holds, and the step after that."""

    condition: Template
    body: Steps
    next: str | None


@dataclass(frozen=True, slots=True)
class Switch:
    """Conditions, of which the first that holds counts."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class For:
    """Steps for each value of a list, or of a range of numbers."""

    value: str
    index: str | None
    over: Template | None
    range: Template | None
    body: Steps


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a parallel step."""

    name: str
    body: Steps


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches, or the iterations of a loop, at the same time."""

    shared: tuple[str, ...]
    limit: Template | None
    work: tuple[Branch, ...] | For


@dataclass(frozen=True, slots=True)
class Retry:
    """When, how often, and after which waits a try is done again."""

    predicate: str
    max_retries: Template
    initial_delay: Template
    max_delay: Template
    multiplier: Template


@dataclass(frozen=True, slots=True)
class Except:
    """What is done with an error that is left."""

    name: str
    body: Steps


@dataclass(frozen=True, slots=True)
class Try:
    """Steps whose errors are retried or caught."""

    body: Steps
    retry: Retry | None
    handler: Except | None


@dataclass(frozen=True, slots=True)
class Raise:
    """An error of the workflow's own."""

    value: Template


@dataclass(frozen=True, slots=True)
class Return:
    """The end of a workflow or subworkflow, with a value."""

    value: Template


@dataclass(frozen=True, slots=True)
class Block:
    """Nested steps."""

    body: Steps


@dataclass(frozen=True, slots=True)
class Jump:
    """Nothing but a `next`."""


Action = Assign | Call | Switch | For | Parallel | Try | Raise | Return | Block | Jump


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it does, and which step comes then (the one below it where none is named).

    One that is `inline` stands in another step in place of `steps`, and has that one's name.
    """

    name: str
    action: Action
    next: str | None = None
    line: int = 0
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Routine:
    """The main workflow or a subworkflow; `defaults` has the values of parameters that may be left out."""

    name: str
    params: tuple[str, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Steps = ()


def nested(step: Step) -> tuple[Steps, ...]:
    """Return the lists of steps that are directly in a step."""
    action = step.action
    if isinstance(action, Switch):
        return tuple(case.body for case in action.cases)
    if isinstance(action, Parallel):
        return (action.work.body,) if isinstance(action.work, For) else tuple(one.body for one in action.work)
    if isinstance(action, Try):
        return (action.body, *((action.handler.body,) if action.handler else ()))
    return (action.body,) if isinstance(action, For | Block) else ()
