"""Evaluates the condition of a filter, as Jayway does: `$.books[?(@.price < 10)]`.

What is not there equals nothing, so `!=` holds for it. Numbers and texts that look like numbers equal one another under
`==`, and not under `===`. An ordering holds between two numbers or two texts alone.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from isthmus.shapes import is_number
from isthmus.workflows.json_path.patterns import Search
from isthmus.workflows.json_path.segments import (
    Comparison,
    Condition,
    Constant,
    Descend,
    Exists,
    Joined,
    Key,
    Keys,
    Negated,
    Operand,
    Path,
)
from isthmus.workflows.json_path.values import equal, is_array, is_object
from isthmus.workflows.json_path.whole import Whole

Select: TypeAlias = Callable[[Any, Whole], Any]
Test: TypeAlias = Callable[[Any], bool]
Prepared: TypeAlias = Callable[[Whole], Test]
"""A condition: of the whole data, which paths in it may look at, to a test of one node."""

_PAIRWISE = ("subsetof", "anyof", "noneof")
"""The operators that look at each element of one list for each of the other."""

_NOTHING = object()
"""What a path stands for that selects nothing."""


class _UnfitError(Exception):
    """An operand is not of the kind that its operator takes: the whole condition does not hold, negated or not."""


def prepared(condition: Condition, selector: Callable[[Path], Select]) -> Prepared:
    """Return the function that a condition is; `selector` compiles the paths in it."""
    inner = _prepared(condition, selector)

    def prepare(whole: Whole) -> Test:
        holds = inner(whole)

        def test(item: Any) -> bool:
            try:
                return holds(item)
            except _UnfitError:
                return False

        return test

    return prepare


def _prepared(condition: Condition, selector: Callable[[Path], Select]) -> Prepared:
    if isinstance(condition, Exists):
        return _there(_optional(selector(condition.path)), condition)
    if isinstance(condition, Comparison):
        return _compared(condition, selector)
    if isinstance(condition, Negated):
        inner = _prepared(condition.condition, selector)
        return lambda whole: _negated(inner(whole))
    return _joined(condition, selector)


def _there(select: Select, condition: Exists) -> Prepared:
    """Return the test for a path; a list of nodes is there even if it is empty, unless it would be one of fields.

    Jayway follows even a path that begins with "$" from the node, where it asks only for its presence.
    """
    segments = condition.path.segments
    of_fields = (
        not condition.path.definite and isinstance(segments[-1], Key | Keys) and not isinstance(segments[-2], Descend)
    )

    def prepare(whole: Whole) -> Test:
        def test(item: Any) -> bool:
            found = select(item, whole)
            return (found is not _NOTHING and not (of_fields and found == [])) is condition.present

        return test

    return prepare


def _negated(test: Test) -> Test:
    return lambda item: not test(item)


def _joined(condition: Joined, selector: Callable[[Path], Select]) -> Prepared:
    inner = [_prepared(each, selector) for each in condition.conditions]
    joined = all if condition.operator == "&&" else any

    def prepare(whole: Whole) -> Test:
        tests = [each(whole) for each in inner]
        return lambda item: joined(test(item) for test in tests)

    return prepare


def _compared(condition: Comparison, selector: Callable[[Path], Select]) -> Prepared:
    compare = _COMPARISONS[condition.operator]
    work = operator.mul if condition.operator in _PAIRWISE else operator.add
    left, right = _value(condition.left, selector), _value(condition.right, selector)

    def prepare(whole: Whole) -> Test:
        one, other = left(whole), right(whole)

        def test(item: Any) -> bool:
            first, second = one(item, whole), other(item, whole)
            whole.spend(work(_size_of(first), _size_of(second)))
            return compare(first, second)

        return test

    return prepare


def _size_of(value: Any) -> int:
    return len(value) + 1 if is_array(value) or is_object(value) else 1


def _value(operand: Operand, selector: Callable[[Path], Select]) -> Callable[[Whole], Select]:
    """Return what gives an operand's value; a path into the whole data is followed once for all nodes."""
    if isinstance(operand, Path):
        select = _optional(selector(operand))
        return (lambda _: select) if operand.base == "@" else lambda whole: _always(select(whole.data, whole))
    if isinstance(operand, Constant):
        value = operand.value
        return lambda _: _always(value)
    return lambda _: _always(Search(operand))


def _always(value: Any) -> Select:
    return lambda item, whole: value


def _optional(select: Select) -> Select:
    def found(item: Any, whole: Whole) -> Any:
        try:
            return select(item, whole)
        except LookupError:
            return _NOTHING

    return found


def _equals(one: Any, other: Any) -> bool:
    if one is _NOTHING or other is _NOTHING:
        return False
    if isinstance(one, str) and is_number(other):
        return one == str(other)
    if is_number(one) and isinstance(other, str):
        return _as_number(other) == one
    return equal(one, other)


def _as_number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", text) else None
    except ValueError:
        return None


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, str) == isinstance(other, str) and _equals(one, other)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(one: Any, other: Any) -> bool:
        alike = (is_number(one) and is_number(other)) or (isinstance(one, str) and isinstance(other, str))
        return alike and compare(one, other)

    return ordered


def _matches(one: Any, other: Any) -> bool:
    """Return whether the operand that is a regular expression matches the other one, or one of its elements."""
    if _is_pattern(one) is _is_pattern(other):
        return False
    pattern, value = (one, other) if _is_pattern(one) else (other, one)
    return any(pattern.matches(_text(text)) for text in (value if is_array(value) else [value]))


def _is_pattern(value: Any) -> bool:
    return isinstance(value, Search)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _listed(value: Any) -> list[Any] | None:
    """Return a list; None for an object, of which no comparison of lists holds."""
    if is_array(value):
        return value
    if is_object(value):
        return None
    raise _UnfitError


def _among(one: Any, other: Any) -> bool:
    values = _listed(other)
    return values is not None and any(_equals(one, each) for each in values)


def _contains(one: Any, other: Any) -> bool:
    if isinstance(one, str):
        return isinstance(other, str) and other in one
    return is_array(one) and _among(other, one)


def _of_lists(compare: Callable[[list[Any], list[Any]], bool]) -> Callable[[Any, Any], bool]:
    def holds(one: Any, other: Any) -> bool:
        second = _listed(other)
        first = _listed(one) if second is not None else None
        return first is not None and second is not None and compare(first, second)

    return holds


def _never(one: Any, other: Any) -> bool:
    """Return nothing: Jayway cannot read the list that `all` compares with."""
    raise _UnfitError


def _size(one: Any, other: Any) -> bool:
    return (isinstance(one, str) or is_array(one)) and is_number(other) and len(one) == int(other)


def _empty(one: Any, other: Any) -> bool:
    return isinstance(one, str | list | dict) and isinstance(other, bool) and (not one) is other


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _equals,
    "===": _same,
    "!=": lambda one, other: not _equals(one, other),
    "!==": lambda one, other: not _same(one, other),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "=~": _matches,
    "in": _among,
    "nin": lambda one, other: not _among(one, other),
    "contains": _contains,
    "all": _never,
    "subsetof": _of_lists(lambda first, second: all(_among(each, second) for each in first)),
    "anyof": _of_lists(lambda first, second: any(_among(each, second) for each in first)),
    "noneof": _of_lists(lambda first, second: not any(_among(each, second) for each in first)),
    "size": _size,
    "empty": _empty,
}
