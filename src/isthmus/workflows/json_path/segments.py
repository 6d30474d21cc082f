"""What paths consist of: segments, each of which selects among the nodes that the one before it has selected.

The language's paths are those of Jayway's JsonPath. These trees are plain data, for whoever evaluates, checks or
translates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Key:
    """A field of an object: `.name`, `['name']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Several fields of an object: `['a','b']`. At the end of a path they make one object of those that there are."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """An element of a list: `[0]`; a negative one counts from the end."""

    index: int


@dataclass(frozen=True, slots=True)
class Indexes:
    """Several elements of a list: `[0,2]`."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a list: `[1:3]`, `[1:]`, `[:3]`; one end at least is given."""

    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """All values of an object, all elements of a list: `.*`, `[*]`."""


@dataclass(frozen=True, slots=True)
class Descend:
    """The node itself and all below it: `..`. The segment after it is applied to each."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the node: `.length()`; after a path that begins with `..`, of the list of all nodes."""

    name: str
    arguments: tuple[Operand, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """The elements of a list for which a condition holds, or the object itself: `[?(@.price < 10)]`."""

    condition: Condition


Segment: TypeAlias = Key | Keys | Index | Indexes | Slice | Wildcard | Descend | Function | Filter


@dataclass(frozen=True, slots=True)
class Path:
    """A path: `base` is "$" (the data), "$$" (the context object), the name of a variable, or "@" within a filter.

    A definite path selects one value, and fails where there is none; any other selects a list, which may be empty.
    """

    text: str
    base: str
    segments: tuple[Segment, ...]

    @property
    def definite(self) -> bool:
        """Whether it selects one value."""
        last = len(self.segments) - 1
        return self.gathers or all(
            isinstance(segment, Key | Index | Function) or (isinstance(segment, Keys) and number == last)
            for number, segment in enumerate(self.segments)
        )

    @property
    def gathers(self) -> bool:
        """Whether it ends in a function of all that the path before it selects: `$..price.sum()`."""
        ends = self.segments[:1] + self.segments[-1:]
        return len(ends) > 1 and isinstance(ends[0], Descend) and isinstance(ends[1], Function)


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal in a filter: a JSON value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in a filter: `/text/flags`."""

    text: str
    flags: str


Operand: TypeAlias = Path | Constant | Pattern


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a path selects something: `@.isbn`; or nothing, where `present` is False: `!@.isbn`."""

    path: Path
    present: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and an operator in lower case: "==", "<", "=~", "in", "contains"…"""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by "&&" or "||"."""

    operator: Literal["&&", "||"]
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """A condition that must not hold: `!(…)`."""

    condition: Condition


Condition: TypeAlias = Exists | Comparison | Joined | Negated
