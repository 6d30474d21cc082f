"""A topic's filter as SNS takes it.

https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html,
https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_number

SCOPE = "MessageAttributes"


def filter_policy(filter: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return a well-formed filter as a policy; a number in it equals one that is written otherwise (5 and 5.0)."""
    return {name: [_condition(condition) for condition in conditions] for name, conditions in filter.items()}


def _condition(condition: Any) -> Any:
    if is_number(condition):
        return {"numeric": ["=", condition]}
    if is_mapping(condition) and "anything-but" in condition:
        refused = condition["anything-but"]
        return {"anything-but": list(refused) if is_list(refused) else [refused]}
    return dict(condition) if is_mapping(condition) else condition
