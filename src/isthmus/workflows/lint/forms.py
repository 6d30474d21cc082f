"""The form of an object: which fields it has, of what kind, in which query language, and which go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from isthmus.shapes import is_mapping, shown
from isthmus.workflows.definition import QueryLanguage
from isthmus.workflows.lint.spot import Check, Spot
from isthmus.workflows.lint.values import kind

INSTEAD: Mapping[str, str] = {
    "Parameters": "Arguments",
    "Result": "Output",
    "ResultSelector": "Output",
    "ResultPath": "Output or Assign",
    "OutputPath": "Output",
    "InputPath": "$states.input in an expression",
    "ItemsPath": "Items",
    "Variable": "Condition",
    "Arguments": "Parameters",
    "Output": "ResultSelector and ResultPath",
    "Items": "ItemsPath",
    "Condition": "Variable and an operator",
}
"""What the other query language has for a field that only one of them has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What an object must look like.

    `json_path` and `jsonata` are the fields that only states of that query language have. Of each group in `exactly`
    there must be one, of each in `at_most` there may be one. `elsewhere` are fields that objects of the same kind have
    in other places, of which it is told that they are not for here.
    """

    what: str
    fields: Mapping[str, Check]
    json_path: Mapping[str, Check] = field(default_factory=lambda: {})
    jsonata: Mapping[str, Check] = field(default_factory=lambda: {})
    required: tuple[str, ...] = ()
    exactly: tuple[tuple[str, ...], ...] = ()
    at_most: tuple[tuple[str, ...], ...] = ()
    elsewhere: frozenset[str] = frozenset()

    def own(self, language: QueryLanguage) -> Mapping[str, Check]:
        """Return the fields of this form that are of one query language alone."""
        return self.jsonata if language == "JSONata" else self.json_path

    def known(self, language: QueryLanguage) -> list[str]:
        """Return the names of the fields that there may be."""
        return [*self.fields, *self.own(language)]

    def meant(self, spot: Spot, value: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the fields of an object, a mistyped one by the name that was meant, where it is not there as well."""
        known = self.known(spot.language)
        elsewhere = {*self.elsewhere, *self.own(other(spot.language))}
        named = {name: value[name] for name in value if name in known}
        for name in value:
            if isinstance(name, str) and name not in named and name not in elsewhere:
                near = spot.nearest(name, known)
                if near is not None and near not in named:
                    named[near] = value[name]
        return named

    def check(self, spot: Spot, value: Any) -> dict[str, Any]:
        """Tell what is wrong with an object, and return its fields as they were meant."""
        if not is_mapping(value):
            spot.wrong(f"must be an object, not {kind(value)}")
            return {}
        meant = self.meant(spot, value)
        for name in value:
            self._field(spot, name, value, meant)
        present = {*meant, *(name for name in self.own(other(spot.language)) if name in value)}
        for message in (*self._missing(present), *self._crowded(present, spot.language)):
            spot.wrong(message)
        return meant

    def _field(self, spot: Spot, name: Any, value: Mapping[Any, Any], meant: Mapping[str, Any]) -> None:
        if not isinstance(name, str):
            spot.wrong(f"the name of a field must be text, not {kind(name)}")
            return
        known = self.fields.get(name) or self.own(spot.language).get(name)
        if known:
            known(spot.at(name), value[name])
        elif name in self.jsonata or name in self.json_path:
            spot.at(name).wrong(_of_the_other(name, spot.language))
        elif name in self.elsewhere:
            spot.at(name).wrong(f"{self.what} has no field {name!r}")
        else:
            near = spot.nearest(name, self.known(spot.language))
            told = f": did you mean {near!r}?" if near else ""
            spot.at(name).wrong(f"{self.what} has no field {shown(name)}{told}")
            check = (self.fields.get(near) or self.own(spot.language).get(near)) if near else None
            if check and near not in value and meant[str(near)] is value[name]:
                check(spot.at(name), value[name])

    def _missing(self, present: set[str]) -> Iterator[str]:
        for name in self.required:
            if name not in present:
                yield f"{self.what} needs {name!r}"

    def _crowded(self, present: set[str], language: QueryLanguage) -> Iterator[str]:
        for group in (*self.exactly, *self.at_most):
            found = [repr(name) for name in group if name in present]
            if len(found) > 1:
                yield f"{' and '.join(found)} exclude one another: {self.what} has one of them"
            elif not found and group in self.exactly:
                known = [repr(name) for name in group if name in self.known(language)]
                yield f"{self.what} needs {' or '.join(known)}"


def other(language: QueryLanguage) -> QueryLanguage:
    """Return the other query language."""
    return "JSONPath" if language == "JSONata" else "JSONata"


def _of_the_other(name: str, language: QueryLanguage) -> str:
    static = name.removesuffix("Path")
    computed = f"{static} with an expression" if language == "JSONata" and name.endswith("Path") else ""
    instead = INSTEAD.get(name) or computed
    remedy = f": use {instead}" if instead else ""
    return f"{name!r} is a field of {other(language)}, and the query language here is {language}{remedy}"
