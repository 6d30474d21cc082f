"""What must hold before any component is made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from isthmus.components.component import Component
from isthmus.errors import IsthmusError
from isthmus.plan import Plan


class NotReadyError(IsthmusError, ValueError):
    """Components that cannot be made as they are asked for: `problems` says each, with what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["nothing has been created:", *(f"  {problem}" for problem in problems)]))
        self.problems = problems


def ready(plan: Plan, classes: Mapping[str, type[Component[Any]]], without: Collection[int] = ()) -> None:
    """Look at what each component is going to be, and raise `NotReadyError` with whatever would stop one.

    `classes` are the components by kind; resources whose id is in `without` have none of their own.
    """
    problems = list(_problems(plan, classes, without))
    if problems:
        raise NotReadyError(problems)


def _problems(plan: Plan, classes: Mapping[str, type[Component[Any]]], without: Collection[int]) -> Iterator[str]:
    for resource in plan.resources:
        kind = classes.get(resource.kind)
        if kind is None or id(resource) in without:
            continue
        try:
            kind.ready(resource, plan)
        except IsthmusError as error:
            yield f"{resource.where}: {error}" if resource.where else str(error)
