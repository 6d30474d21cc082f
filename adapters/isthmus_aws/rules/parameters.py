"""Parameters: what Systems Manager's Parameter Store takes as a value.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.settings import Parameter

STANDARD_BYTES = 4096
"""What a parameter of the standard tier holds, which costs nothing."""

_ADVANCED_BYTES = 8192


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the values that cannot be stored."""
    for parameter in draft.of(Parameter):
        for fault in _faults(parameter.value):
            yield Problem(parameter.where, f"{label(parameter)}: {fault}")


def _faults(value: str) -> Iterator[str]:
    size = len(value.encode("utf-8", "replace"))
    if size > _ADVANCED_BYTES:
        yield f"its value has {size:,} bytes, and AWS takes {_ADVANCED_BYTES:,}: put it into a bucket"
    if value == "":
        yield "AWS takes no empty value: leave the parameter out, or write what stands for nothing"
    if value.strip().startswith("{{") and value.strip().endswith("}}"):
        yield "AWS would take a value in {{double braces}} for the name of another parameter: write it otherwise"
