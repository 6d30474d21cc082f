"""States that are being written: their fields, and which of them do not say yet where they go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from isthmus.errors import InvalidValueError


class OpenEnd(NamedTuple):
    """A transition that leads to whatever state is added next: the field `key` of `fields`."""

    fields: dict[str, Any]
    key: str


class Drafts:
    """Some states in their order, and their open ends."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {}
        self.open: list[OpenEnd] = []
        self._origins: dict[str, dict[str, Any]] = {}

    @property
    def first(self) -> str:
        """The name of the first state; `InvalidValueError` where there is none yet."""
        for name in self.states:
            return name
        raise InvalidValueError("there is no state yet: add one, such as .task(name, resource)")

    def connect(self, name: str) -> None:
        """Let all open ends lead to the state of that name."""
        for fields, key in self.open:
            fields[key] = name
        self.open = []

    def put(self, name: str, fields: dict[str, Any]) -> None:
        """Keep one more state."""
        if name in self.states:
            raise InvalidValueError(f"there is a state {name!r} already: each needs a name of its own")
        self.states[name] = self._origins[name] = fields

    def merge(self, others: Drafts) -> str:
        """Keep copies of the states of others, whose open ends are ours then; returns the name of their first.

        A state that has come here already, by whatever way, is not another one.
        """
        copies: dict[int, dict[str, Any]] = {}
        for name, fields in others.states.items():
            if self._origins.get(name) is not others._origins[name]:
                copies[id(fields)] = dict(fields)
                self.put(name, copies[id(fields)])
                self._origins[name] = others._origins[name]
        self.open += [OpenEnd(copies[id(fields)], key) for fields, key in others.open if id(fields) in copies]
        return others.first

    def written(self) -> dict[str, Mapping[str, Any]]:
        """Return the states as they stand in a document: what leads nowhere ends the machine there."""
        ends = {id(fields) for fields, key in self.open if key == "Next"}
        return {name: {**fields, "End": True} if id(fields) in ends else fields for name, fields in self.states.items()}
