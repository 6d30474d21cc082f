"""Topics: what SNS refuses of a filter.

https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from isthmus import filters
from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.topic import Topic
from isthmus.shapes import is_list, is_mapping, is_number, shown

_MOST_ATTRIBUTES = 5
_MOST_COMBINATIONS = 150
_MOST_NUMBER = 10**9
_DECIMALS = 5


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the filters that SNS would refuse."""
    for declared in draft.app.subscriptions:
        if isinstance(declared.source, Topic) and not filters.faults(declared.filter):
            for fault in _faults(declared.filter):
                yield Problem(declared.where, f"subscription to {label(declared.source)}: filter: {fault}")


def _faults(filter: Mapping[str, Any]) -> Iterator[str]:
    if len(filter) > _MOST_ATTRIBUTES:
        yield f"SNS filters by {_MOST_ATTRIBUTES} attributes at most, not {len(filter)}: put two of them into one"
    combinations = math.prod(len(conditions) for conditions in filter.values())
    if combinations > _MOST_COMBINATIONS:
        yield (
            f"SNS counts {combinations} combinations (the numbers of conditions, multiplied), of which it takes "
            f"{_MOST_COMBINATIONS}: filter by fewer values, or by a prefix"
        )
    for name, conditions in filter.items():
        for condition in conditions:
            for fault in _condition_faults(condition):
                yield f"{shown(name)}: {fault}"


def _condition_faults(condition: Any) -> Iterator[str]:
    values = _values(condition)
    for value in values:
        if is_number(value) and (abs(value) > _MOST_NUMBER or round(value, _DECIMALS) != value):
            yield (
                f"SNS compares numbers up to a thousand million, to {_DECIMALS} decimals, not {shown(value)}: "
                "send it as text, or scaled"
            )
    if _asks(condition) == "anything-but" and len({isinstance(value, str) for value in values}) > 1:
        yield "SNS takes texts or numbers in one anything-but, not both: let the attribute be one of them"


def _asks(condition: Any) -> str:
    return str(next(iter(condition))) if is_mapping(condition) else "exact"


def _values(condition: Any) -> list[Any]:
    inner: Any = next(iter(condition.values())) if is_mapping(condition) else condition
    return list(inner) if is_list(inner) else [inner]
