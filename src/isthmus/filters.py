"""The filter of a topic's subscription: which messages pass, by their attributes.

A filter maps an attribute to a list of conditions. A message passes where each named attribute meets any one of its
conditions: a string or a number (exactly that), `{"prefix": "order."}`, `{"anything-but": ["a", "b"]}`,
`{"numeric": [">", 5, "<=", 9]}`, `{"exists": True}` or `{"exists": False}`. Only an attribute that is there meets a
condition other than `{"exists": False}`. Text and numbers are never equal to each other; 5 and 5.0 are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeGuard

from isthmus.declarations.options import did_you_mean
from isthmus.shapes import is_list, is_mapping, is_number, shown

OPERATORS = ("prefix", "anything-but", "numeric", "exists")
"""What a condition in braces may ask."""

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_SIGNS = [["="], [">"], [">="], ["<"], ["<="], [">", "<"], [">", "<="], [">=", "<"], [">=", "<="]]
_MOST_CONDITIONS = 150


def matches(filter: Mapping[str, Any], attributes: Mapping[str, str | int | float]) -> bool:
    """Return whether a message with these attributes passes `filter`, which `faults` has found well-formed."""
    return all(
        any(_meets(condition, attributes.get(name)) for condition in conditions) for name, conditions in filter.items()
    )


def _meets(condition: Any, value: str | int | float | None) -> bool:
    if not is_mapping(condition):
        return _same(condition, value)
    ((name, wanted),) = condition.items()
    if name == "exists":
        return wanted is (value is not None)
    return value is not None and _TESTS[name](wanted, value)


def _same(one: Any, other: Any) -> bool:
    """Return whether both are the same text or the same number."""
    return isinstance(one, str) == isinstance(other, str) and one == other


def _anything_but(refused: Any, value: str | int | float) -> bool:
    return not any(_same(one, value) for one in _listed(refused))


def _prefix(start: str, value: str | int | float) -> bool:
    return isinstance(value, str) and value.startswith(start)


def _numeric(terms: list[Any], value: str | int | float) -> bool:
    return not isinstance(value, str) and all(
        _COMPARE[sign](value, bound) for sign, bound in zip(terms[::2], terms[1::2], strict=True)
    )


_TESTS: Mapping[str, Callable[[Any, str | int | float], bool]] = {
    "prefix": _prefix,
    "anything-but": _anything_but,
    "numeric": _numeric,
}


def _listed(value: Any) -> Any:
    return value if is_list(value) else (value,)


def faults(filter: object) -> list[str]:
    """Return what is wrong with `filter`, each with what it should be; nothing where it is well-formed."""
    if not is_mapping(filter):
        return [
            f"a filter maps attributes to lists of conditions, such as {{'type': ['created']}}, not {shown(filter)}"
        ]
    found = list(chain.from_iterable(_faults_of(name, conditions) for name, conditions in filter.items()))
    total = sum(len(conditions) for conditions in filter.values() if is_list(conditions))
    if total > _MOST_CONDITIONS:
        found.append(f"a filter has at most {_MOST_CONDITIONS} conditions, not {total}")
    return found


def operators(filter: object) -> set[str]:
    """Return the operators that a well-formed filter uses: `exact`, `prefix`, `anything-but`, `numeric`, `exists`."""
    used: set[str] = set()
    for conditions in filter.values() if is_mapping(filter) else ():
        for condition in conditions if is_list(conditions) else ():
            used |= set(condition) if is_mapping(condition) else {"exact"}
    return used & {"exact", *OPERATORS}


def _faults_of(name: object, conditions: object) -> Iterator[str]:
    if not isinstance(name, str) or not name:
        yield f"an attribute's name is text, not {shown(name)}"
    elif not is_list(conditions):
        yield f"{shown(name)} takes a list of conditions: [{shown(conditions)}]"
    elif not conditions:
        yield f"{shown(name)} has no condition, so that nothing passes: leave it out to let everything pass"
    else:
        for condition in conditions:
            fault = _fault_of_condition(condition)
            if fault:
                yield f"{shown(name)}: {fault}"


def _fault_of_condition(condition: object) -> str:
    if not is_mapping(condition):
        return (
            ""
            if _is_literal(condition)
            else f"a condition is text, a finite number or a mapping, not {shown(condition)}"
        )
    if len(condition) != 1:
        return f"a condition in braces asks one thing, not {len(condition)}: {shown(dict(condition))}"
    ((name, wanted),) = condition.items()
    if name not in OPERATORS:
        return f"there is no operator {shown(name)}: {did_you_mean(str(name), OPERATORS)}"
    return _FAULTS[name](wanted)


def _is_literal(value: object) -> TypeGuard[str | int | float]:
    return isinstance(value, str) or is_number(value)


def _fault_of_prefix(wanted: object) -> str:
    return "" if isinstance(wanted, str) and wanted else f"a prefix is text that is not empty, not {shown(wanted)}"


def _fault_of_exists(wanted: object) -> str:
    return "" if isinstance(wanted, bool) else f"exists is True or False, not {shown(wanted)}"


def _fault_of_anything_but(wanted: object) -> str:
    values = _listed(wanted)
    if values and all(_is_literal(value) for value in values):
        return ""
    return f"anything-but takes a list of texts and numbers, not {shown(wanted)}"


def _fault_of_numeric(wanted: object) -> str:
    terms: list[Any] = list(wanted) if is_list(wanted) else []
    signs, bounds = terms[::2], terms[1::2]
    if signs not in _SIGNS or len(signs) != len(bounds) or not all(map(is_number, bounds)):
        return f"numeric reads like ['=', 5], ['>', 5] or ['>', 5, '<=', 9], not {shown(wanted)}"
    if bounds[0] > bounds[-1]:
        return f"nothing is within numeric {shown(wanted)}: the lower bound is above the upper"
    return ""


_FAULTS: Mapping[str, Callable[[object], str]] = {
    "prefix": _fault_of_prefix,
    "anything-but": _fault_of_anything_but,
    "numeric": _fault_of_numeric,
    "exists": _fault_of_exists,
}
