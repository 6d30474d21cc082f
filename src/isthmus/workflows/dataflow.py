"""How data flows through a state: what each query language must bring, so that the interpreter knows neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from isthmus.workflows.definition import State


@dataclass(slots=True)
class Scope:
    """What the fields of a state can see: JSON values, which nothing may change in place.

    `input` is the state's input, `context` the context object ("$$", `$states.context`), `variables` those that are
    visible here, by their names without "$".
    """

    input: Any
    context: Mapping[str, Any]
    variables: Mapping[str, Any] = field(default_factory=lambda: {})


@dataclass(frozen=True, slots=True)
class Flowed:
    """What leaves a state: its output, and the variables that it assigns."""

    output: Any
    assigned: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a Choice has come to: the next state, and what leaves."""

    next: str
    flowed: Flowed


class Dataflow(Protocol):
    """One query language. Everything here raises `StatesError` by the names that the language gives to failures."""

    def arguments(self, state: State, scope: Scope) -> Any:
        """Return what a state works on.

        Its input as `InputPath` and `Parameters`, or `Arguments`, make it (a Map's `Parameters` are of its items, and
        no part of this); for a Pass, the result where it has one.
        """
        ...

    def output(self, state: State, scope: Scope, result: Any) -> Flowed:
        """Return what leaves a state that has come to `result`: for a Pass, Wait and Succeed, its `arguments`."""
        ...

    def caught(self, catcher: Mapping[str, Any], scope: Scope, error: Mapping[str, Any]) -> Flowed:
        """Return what leaves by a catcher; `error` is `{"Error": …, "Cause": …}`."""
        ...

    def choose(self, state: State, scope: Scope) -> Chosen:
        """Return where a Choice goes on; `States.NoChoiceMatched` where no rule matches and it has no Default."""
        ...

    def field(self, state: State, name: str, scope: Scope) -> Any:
        """Return the value of a field that may be computed, by its plain name; None where the state has none.

        `name` is "TimeoutSeconds", "HeartbeatSeconds", "Seconds", "Timestamp", "MaxConcurrency",
        "ToleratedFailureCount", "ToleratedFailurePercentage", "Error", "Cause": the field itself, or `<name>Path`, or
        an expression. Whether the value is of the right type is the interpreter's to check.
        """
        ...

    def items(self, state: State, scope: Scope) -> Any:
        """Return what a Map iterates over: what `ItemsPath` or `Items` gives, whatever its type."""
        ...

    def item(self, state: State, scope: Scope) -> Any:
        """Return the input of one iteration of a Map: `scope.context["Map"]["Item"]` has its `Index` and `Value`."""
        ...
