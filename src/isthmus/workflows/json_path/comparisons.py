"""The comparison operators of choice rules.

Where the two values are not of the operator's type, no comparison holds.
https://states-language.net/spec.html#data-test
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from isthmus.shapes import is_number
from isthmus.workflows.json_path.timestamps import instant
from isthmus.workflows.states_error import RUNTIME, StatesError

Compare: TypeAlias = Callable[[Any, Any], bool]
"""Whether a comparison holds of the value that `Variable` selects, and the rule's."""


def glob_parts(pattern: str) -> list[str]:
    """Return what stands before, between and after the `*` of a pattern of StringMatches, without its escapes."""
    parts: list[list[str]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            parts.append([])
            continue
        escaped = next(characters, "") if character == "\\" else character
        if character == "\\" and escaped not in ("*", "\\"):
            raise ValueError(r"a backslash has to escape a * or a \ ")
        parts[-1].append(escaped)
    return ["".join(part) for part in parts]


def matches(value: Any, pattern: Any) -> bool:
    r"""Return whether a text matches a pattern, in which `*` stands for any text, `\*` and `\\` for themselves."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    try:
        first, *rest = glob_parts(pattern)
    except ValueError as error:
        raise StatesError(RUNTIME, f"the pattern of StringMatches: {error}") from None
    if not rest:
        return value == first
    return value.startswith(first) and _found_in_order(value, len(first), rest)


def _found_in_order(value: str, position: int, parts: list[str]) -> bool:
    """Return whether the parts follow one another, the last at the end; each is taken where it comes first."""
    *middle, last = parts
    for part in middle:
        position = value.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return len(value) - len(last) >= position and value.endswith(last)


def _as_number(value: Any) -> Any:
    return value if is_number(value) else None


def _as_text(value: Any) -> Any:
    """Return what a text is compared by: its UTF-16 units, as the service's own comparison of characters goes."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-16-be", "surrogatepass")


def _as_boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _compared(read: Callable[[Any], Any], compare: Compare) -> Compare:
    def holds(value: Any, other: Any) -> bool:
        one, two = read(value), read(other)
        return one is not None and two is not None and compare(one, two)

    return holds


def _typed(test: Callable[[Any], bool]) -> Compare:
    """Return the operator of a type; the rule's value says whether the type is wanted or not."""
    return lambda value, wanted: test(value) is (wanted is True)


_ORDERS: Mapping[str, Compare] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}

_READERS: Mapping[str, Callable[[Any], Any]] = {"Numeric": _as_number, "String": _as_text, "Timestamp": instant}

ORDERINGS: Mapping[str, Compare] = {
    "BooleanEquals": _compared(_as_boolean, operator.eq),
    **{
        f"{kind}{order}": _compared(read, compare)
        for kind, read in _READERS.items()
        for order, compare in _ORDERS.items()
    },
}
"""The operators that compare with a value, or, by the name and "Path", with what a path selects."""

TYPES: Mapping[str, Compare] = {
    "IsNull": _typed(lambda value: value is None),
    "IsNumeric": _typed(is_number),
    "IsString": _typed(lambda value: isinstance(value, str)),
    "IsBoolean": _typed(lambda value: isinstance(value, bool)),
    "IsTimestamp": _typed(lambda value: instant(value) is not None),
}
"""The operators that ask for a type; `IsPresent` asks for more, and is none of these."""

OPERATORS: Mapping[str, Compare] = {**ORDERINGS, **TYPES, "StringMatches": matches}
"""All operators that have a value in the rule itself, but for `IsPresent`."""
