"""Lists, tuples, sets, dictionaries and choices; `reader_of` gives the reader of what they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from isthmus.readers.faults import Faults, Path, Reader, name_of
from isthmus.readers.shapes import is_array, is_object

ONE_OF = "must be one of: "


def sequence_reader(make: Callable[[list[Any]], Any], item: Reader) -> Reader:
    """Return the reader of an array whose items are alike."""

    def read(value: Any, path: Path, faults: Faults) -> Any:
        if not is_array(value):
            return faults.add(path, "must be a list")
        before = len(faults.found)
        items = [item(inner, (path, position), faults) for position, inner in enumerate(value)]
        return make(items) if len(faults.found) == before else None

    return read


def tuple_reader(items: Sequence[Reader]) -> Reader:
    """Return the reader of an array of a fixed length."""

    def read(value: Any, path: Path, faults: Faults) -> Any:
        if not is_array(value) or len(value) != len(items):
            return faults.add(path, f"must be a list of {len(items)}")
        pairs = enumerate(zip(items, value, strict=True))
        return tuple(item(inner, (path, position), faults) for position, (item, inner) in pairs)

    return read


def dict_reader(key: Reader, item: Reader) -> Reader:
    """Return the reader of an object whose values are alike."""

    def read(value: Any, path: Path, faults: Faults) -> Any:
        if not is_object(value):
            return faults.add(path, "must be an object")
        before = len(faults.found)
        pairs = [(key(name, (path, name), faults), item(inner, (path, name), faults)) for name, inner in value.items()]
        return dict(pairs) if len(faults.found) == before else None

    return read


def literal_reader(options: Sequence[Any], *, text: bool) -> Reader:
    """Return the reader of one of a few values; with `text`, they come as text."""
    # The type is part of the key, for True == 1.
    known: dict[Any, Any] = {(type(option), option): option for option in options}
    if text:
        known |= {(str, str(option)): option for option in reversed(options)}
    message = ONE_OF + ", ".join(str(option) for option in options)

    def read(value: Any, path: Path, faults: Faults) -> Any:
        key: Any = (type(value), value)
        if isinstance(value, (list, dict)) or key not in known:
            return faults.add(path, message)
        return known[key]

    return read


def enum_reader(kind: type[Enum], *, text: bool) -> Reader:
    """Return the reader of an enum's member, by its value."""
    members = {member.value: member for member in kind}
    read_value = literal_reader(list(members), text=text)

    def read(value: Any, path: Path, faults: Faults) -> Any:
        before = len(faults.found)
        found = read_value(value, path, faults)
        return members[found] if len(faults.found) == before else None

    return read


def optional_reader(reader: Reader, *, text: bool) -> Reader:
    """Return the reader of a value or null; with `text`, an empty text is null."""

    def read(value: Any, path: Path, faults: Faults) -> Any:
        return None if value is None or (text and value == "") else reader(value, path, faults)

    return read


def union_reader(members: Sequence[Any], readers: Sequence[Reader]) -> Reader:
    """Return the reader of one of several types: the exact one, else the first that fits."""

    def read(value: Any, path: Path, faults: Faults) -> Any:
        if type(value) in members:
            return readers[list(members).index(type(value))](value, path, faults)
        attempts: list[Faults] = []
        for reader in readers:
            attempt = Faults()
            found = reader(value, path, attempt)
            if not attempt.found:
                return found
            attempts.append(attempt)
        closest = [attempt for attempt in attempts if any(fault["field"] != name_of(path) for fault in attempt.found)]
        if closest:
            return faults.extend(min(closest, key=_distance))
        messages = dict.fromkeys(
            fault["message"].removeprefix("must be ") for attempt in attempts for fault in attempt.found
        )
        return faults.add(path, f"must be {' or '.join(messages)}")

    return read


def _distance(attempt: Faults) -> tuple[bool, int]:
    # A wrong tag (a Literal field) means that another record was meant.
    return any(fault["message"].startswith(ONE_OF) for fault in attempt.found), len(attempt.found)
