"""Where in a document a check stands, and what has been found so far."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from isthmus.workflows.definition import QueryLanguage
from isthmus.workflows.lint.suggestions import Suggestions

LONGEST_TOKEN = 200
"""A name that is longer than this is cut in a pointer, so that no name makes a report much larger than its document."""


MOST_VISITS = 1_000
"""In so many places the same object is looked at."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: `pointer` says where, as a JSON Pointer (RFC 6901), `message` what, and the remedy."""

    pointer: str
    message: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the definition'}: {self.message}"


@dataclass(slots=True)
class MachineSite:
    """The machine that a spot is in: `edges` are the transitions found in it, by the state that they leave.

    `ends` are the states in which it ends, or may end as far as can be told; `unsaid` those that should go on and do
    not say where, which is told of them, so that what follows from it need not be told again.
    """

    spot: Spot
    states: Mapping[str, Any]
    outer: MachineSite | None
    start: str | None = None
    edges: dict[str, list[str]] = field(default_factory=lambda: {})
    ends: set[str] = field(default_factory=set[str])
    unsaid: set[str] = field(default_factory=set[str])
    variables: dict[str, list[Spot]] = field(default_factory=lambda: {})


@dataclass(slots=True)
class Lint:
    """One run of the linter: what it has found, and what is still to be looked at; `state` looks at a state."""

    state: Check
    faults: set[Fault] = field(default_factory=set[Fault])
    waiting: deque[Callable[[], None]] = field(default_factory=deque[Callable[[], None]])
    machines: list[MachineSite] = field(default_factory=lambda: [])
    visits: Counter[int] = field(default_factory=Counter[int])
    names: dict[str, Spot] = field(default_factory=lambda: {})
    suggestions: Suggestions = field(default_factory=Suggestions)


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of one value: faults told here carry its pointer.

    `machine` and `state` say in which of them it stands, `language` how its expressions are written, and `sees` which
    members `$states` has there.
    """

    lint: Lint
    parent: Spot | None = None
    token: str | int = ""
    language: QueryLanguage = "JSONPath"
    machine: MachineSite | None = None
    state: str = ""
    sees: frozenset[str] = frozenset()

    def at(self, token: str | int) -> Spot:
        """Return the spot of a field or an element of the value that stands here."""
        return Spot(self.lint, self, token, self.language, self.machine, self.state, self.sees)

    def within(self, machine: MachineSite) -> Spot:
        """Return this spot as one of a machine."""
        return replace(self, machine=machine)

    def of(self, state: str) -> Spot:
        """Return this spot as that of a state."""
        return replace(self, state=state)

    def speaking(self, language: QueryLanguage) -> Spot:
        """Return this spot in a query language."""
        return replace(self, language=language)

    def seeing(self, members: frozenset[str]) -> Spot:
        """Return this spot where `$states` has those members."""
        return replace(self, sees=members)

    def wrong(self, message: str) -> None:
        """Tell that something is wrong here."""
        self.lint.faults.add(Fault(self.pointer, message))

    def later(self, check: Check, value: Any) -> None:
        """Let `check` look at the value here in its turn, so that no depth of nesting is one of calls.

        What is no JSON may have a value within itself, or one value in very many places: it is looked at so often.
        """
        self.lint.visits[id(value)] += 1
        if self.lint.visits[id(value)] <= MOST_VISITS or not isinstance(value, Mapping | Sequence):
            self.lint.waiting.append(lambda: check(self, value))

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """Return which of `known` somebody meant who wrote `word`; None where none is near."""
        return self.lint.suggestions.nearest(word, known)

    @property
    def pointer(self) -> str:
        """The JSON Pointer of this spot."""
        tokens: list[str] = []
        spot = self
        while spot.parent is not None:
            tokens.append(_escaped(str(spot.token)))
            spot = spot.parent
        return "".join(f"/{token}" for token in reversed(tokens))


Check: TypeAlias = "Callable[[Spot, Any], None]"
"""Looks at the value that stands at a spot, and tells there what is wrong with it."""


def _escaped(token: str) -> str:
    shown = token if len(token) <= LONGEST_TOKEN else f"{token[:LONGEST_TOKEN]}…"
    return shown.replace("~", "~0").replace("/", "~1")
