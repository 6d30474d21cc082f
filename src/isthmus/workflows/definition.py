"""A definition: a document of the States Language, seen as machines and their states.

https://states-language.net/spec.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_list, is_mapping

QueryLanguage = Literal["JSONPath", "JSONata"]
"""In which language the fields of a state are written that compute something."""

NESTED = ("ItemProcessor", "Iterator")
"""The fields of a Map that hold the machine of its iterations; `Iterator` is the older name."""


@dataclass(frozen=True, slots=True)
class State:
    """One state: `fields` is what the document says of it, `pointer` where it stands ("/States/Pay").

    `machines` are the machines within it: the branches of a Parallel, the one of a Map's iterations.
    """

    name: str
    pointer: str
    fields: Mapping[str, Any]
    language: QueryLanguage
    machines: Sequence[Machine] = ()

    @property
    def type(self) -> str:
        """Return its type, such as "Task"; "" where it has none."""
        kind = self.fields.get("Type")
        return kind if isinstance(kind, str) else ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A set of states with a start: the whole definition (its pointer is ""), a branch, or a Map's processor."""

    pointer: str
    fields: Mapping[str, Any]
    start_at: str
    states: Mapping[str, State]


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole document. It need not be right: what is of a wrong form is left out, and `lint` tells of it."""

    document: Mapping[str, Any]
    root: Machine

    @property
    def machines(self) -> Iterator[Machine]:
        """Every machine, an outer one before those within it."""
        return _machines(self.root)

    @property
    def states(self) -> Iterator[State]:
        """Every state of every machine."""
        return (state for machine in self.machines for state in machine.states.values())

    def machine(self, pointer: str) -> Machine:
        """Return the machine at a pointer; `LookupError` where there is none."""
        for machine in self.machines:
            if machine.pointer == pointer:
                return machine
        raise LookupError(f"the definition has no machine at {pointer or 'its root'!r}")


def parse(document: object) -> Definition:
    """Return the definition that a parsed JSON document is; `InvalidValueError` for what has no States and StartAt."""
    if not is_mapping(document) or not is_mapping(document.get("States")) or "StartAt" not in document:
        raise InvalidValueError("this is no definition of the States Language: it has no States and StartAt")
    try:
        return Definition(document, _machine(document, "", "JSONPath"))
    except RecursionError:
        raise InvalidValueError("this definition is nested too deeply") from None


def load(path: str | Path) -> Definition:
    """Return the definition in a file of JSON; `InvalidValueError` says what is wrong with it."""
    document = read(path)
    try:
        return parse(document)
    except InvalidValueError as error:
        raise InvalidValueError(f"{str(path)!r}: {error}") from None


def read(path: str | Path) -> Any:
    """Return the document in a file of JSON, whatever it is; `InvalidValueError` where there is none."""
    try:
        return json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        here = Path.cwd().name
        raise InvalidValueError(f"there is no file {str(path)!r}, seen from {here!r}, where the app starts") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidValueError(f"{str(path)!r} is no JSON that can be read: {error}") from error


def _machine(fields: Mapping[str, Any], pointer: str, language: QueryLanguage) -> Machine:
    own = _language(fields, language)
    states = fields.get("States")
    found = states.items() if is_mapping(states) else ()
    start = fields.get("StartAt")
    return Machine(
        pointer,
        fields,
        start if isinstance(start, str) else "",
        {
            name: _state(name, f"{pointer}/States/{_escaped(name)}", state, own)
            for name, state in found
            if is_mapping(state)
        },
    )


def _state(name: str, pointer: str, fields: Mapping[str, Any], language: QueryLanguage) -> State:
    own = _language(fields, language)
    return State(name, pointer, fields, own, tuple(_nested(fields, pointer, own)))


def _nested(fields: Mapping[str, Any], pointer: str, language: QueryLanguage) -> Iterator[Machine]:
    branches = fields.get("Branches") if fields.get("Type") == "Parallel" else None
    for number, branch in enumerate(branches if is_list(branches) else ()):
        if is_mapping(branch):
            yield _machine(branch, f"{pointer}/Branches/{number}", language)
    processors = [key for key in NESTED if is_mapping(fields.get(key))] if fields.get("Type") == "Map" else []
    for key in processors[:1]:
        yield _machine(fields[key], f"{pointer}/{key}", language)


def _language(fields: Mapping[str, Any], outer: QueryLanguage) -> QueryLanguage:
    named = fields.get("QueryLanguage")
    return "JSONata" if named == "JSONata" else "JSONPath" if named == "JSONPath" else outer


def _machines(machine: Machine) -> Iterator[Machine]:
    yield machine
    for state in machine.states.values():
        for inner in state.machines:
            yield from _machines(inner)


def _escaped(name: str) -> str:
    """Return a name as it stands in a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
