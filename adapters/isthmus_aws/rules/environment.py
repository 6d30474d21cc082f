"""Environment variables: what Lambda takes as a name.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the names that are too short."""
    for function in draft.of(Function):
        for name in function.environment:
            if len(name) == 1:
                what = f"environment: Lambda takes no name of one character, {name!r}: make it longer"
                yield Problem(function.where, f"{label(function)}: {what}")
