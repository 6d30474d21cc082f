"""Conditions of a Choice: `when("$.total") > 100`, combined by `&`, `|` and `~`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NoReturn, TypeAlias

from isthmus.errors import InvalidValueError
from isthmus.shapes import shown

Comparison = Literal["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
"""How two values are compared, in the language's words."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: `rule` is what the document says of it."""

    rule: Mapping[str, Any]

    def __and__(self, other: Condition) -> Condition:
        return Condition({"And": [*self._parts("And"), *other._parts("And")]})

    def __or__(self, other: Condition) -> Condition:
        return Condition({"Or": [*self._parts("Or"), *other._parts("Or")]})

    def __invert__(self) -> Condition:
        return Condition({"Not": self.rule})

    def __bool__(self) -> NoReturn:
        raise TypeError("a condition is decided when the workflow runs: combine conditions by &, | and ~")

    def _parts(self, combined: str) -> list[Any]:
        parts = self.rule.get(combined)
        return list(parts) if parts is not None else [self.rule]


@dataclass(frozen=True, slots=True)
class OtherValue:
    """A value that a path finds when the workflow runs, to compare with: `kind` says what of."""

    kind: Literal["String", "Numeric", "Boolean", "Timestamp"]
    path: str


Comparable: TypeAlias = str | float | bool | datetime | OtherValue
"""What a variable is compared with: its type says how. A `datetime` is a moment, a text that reads like one is not."""


class Variable:
    """What a path finds in the state's input. Made by `when`; comparing it makes a `Condition`."""

    __slots__ = ("_path",)
    __hash__ = None  # type: ignore[assignment]  # comparing makes a condition, so nothing can be found by it

    def __init__(self, path: str) -> None:
        self._path = path

    def __eq__(self, other: Comparable | None) -> Condition:  # type: ignore[override]
        return self._is("Null", expected=True) if other is None else self._compared("Equals", other)

    def __ne__(self, other: Comparable | None) -> Condition:  # type: ignore[override]
        return ~(self == other)

    def __lt__(self, other: Comparable) -> Condition:
        return self._compared("LessThan", other)

    def __le__(self, other: Comparable) -> Condition:
        return self._compared("LessThanEquals", other)

    def __gt__(self, other: Comparable) -> Condition:
        return self._compared("GreaterThan", other)

    def __ge__(self, other: Comparable) -> Condition:
        return self._compared("GreaterThanEquals", other)

    def matches(self, pattern: str) -> Condition:
        r"""Ask whether it is text of a pattern, in which `*` stands for anything and `\*` for itself."""
        return self._asked("StringMatches", pattern)

    def is_present(self, *, expected: bool = True) -> Condition:
        """Ask whether the path finds anything, null included."""
        return self._is("Present", expected=expected)

    def is_null(self, *, expected: bool = True) -> Condition:
        """Ask whether it is null."""
        return self._is("Null", expected=expected)

    def is_string(self, *, expected: bool = True) -> Condition:
        """Ask whether it is text."""
        return self._is("String", expected=expected)

    def is_numeric(self, *, expected: bool = True) -> Condition:
        """Ask whether it is a number."""
        return self._is("Numeric", expected=expected)

    def is_boolean(self, *, expected: bool = True) -> Condition:
        """Ask whether it is true or false."""
        return self._is("Boolean", expected=expected)

    def is_timestamp(self, *, expected: bool = True) -> Condition:
        """Ask whether it is text that reads as a time."""
        return self._is("Timestamp", expected=expected)

    def _is(self, kind: str, *, expected: bool) -> Condition:
        return self._asked(f"Is{kind}", expected)

    def _asked(self, operator: str, value: Any) -> Condition:
        return Condition({"Variable": self._path, operator: value})

    def _compared(self, comparison: Comparison, other: Comparable) -> Condition:
        kind, value = _kind_and_value(other)
        if kind == "Boolean" and comparison != "Equals":
            raise InvalidValueError("of true and false none is greater: compare them by == and !=")
        path = "Path" if isinstance(other, OtherValue) else ""
        return self._asked(f"{kind}{comparison}{path}", value)


def when(path: str) -> Variable:
    """Return what `path` finds, to be compared: `when("$.total") > 100`, `when("$.state").is_present()`."""
    return Variable(path)


def text_at(path: str) -> OtherValue:
    """Return the text that `path` finds, to compare with."""
    return OtherValue("String", path)


def number_at(path: str) -> OtherValue:
    """Return the number that `path` finds, to compare with."""
    return OtherValue("Numeric", path)


def boolean_at(path: str) -> OtherValue:
    """Return the true or false that `path` finds, to compare with."""
    return OtherValue("Boolean", path)


def time_at(path: str) -> OtherValue:
    """Return the time that `path` finds, to compare with."""
    return OtherValue("Timestamp", path)


def _kind_and_value(other: Comparable) -> tuple[str, Any]:
    if isinstance(other, OtherValue):
        return other.kind, other.path
    if isinstance(other, bool):
        return "Boolean", other
    if isinstance(other, str):
        return "String", other
    if isinstance(other, datetime):
        return "Timestamp", _written(other)
    return "Numeric", other


def _written(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise InvalidValueError(f"{shown(moment)} says not in which zone it is: give it a tzinfo, such as UTC")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
