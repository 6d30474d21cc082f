"""Parameters: how much Parameter Manager takes.

https://cloud.google.com/secret-manager/parameter-manager/docs/quotas
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.settings import Parameter

_MOST_BYTES = 1024 * 1024


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the values that are too large, or empty."""
    for parameter in draft.of(Parameter):
        taken = len(parameter.value.encode("utf-8", "replace"))
        if taken > _MOST_BYTES:
            most = f"its value has {taken:,} bytes, and Parameter Manager takes {_MOST_BYTES:,}"
            yield Problem(parameter.where, f"{label(parameter)}: {most}: put it into a bucket")
        if not taken:
            yield Problem(parameter.where, f"{label(parameter)}: Parameter Manager takes no empty value")
