"""Objects with known fields: dataclasses and TypedDicts. Fields that are not known are ignored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NotRequired, Required, get_origin, get_type_hints

from isthmus.readers.faults import Faults, Path, Reader
from isthmus.readers.shapes import is_object


class RecordReader:
    """Reads an object field by field. Its fields are looked at with the first value, so that a type may hold itself."""

    __slots__ = ("_fields", "_kind", "_reader_of")

    def __init__(self, kind: Any, reader_of: Callable[[Any], Reader]) -> None:
        self._kind = kind
        self._reader_of = reader_of
        self._fields: list[tuple[str, Reader, bool]] | None = None

    def __call__(self, value: Any, path: Path, faults: Faults) -> Any:
        """Return the record, or add a fault for each field that is missing or wrong."""
        if not is_object(value):
            return faults.add(path, "must be an object")
        before = len(faults.found)
        fields = self._read_fields(value, path, faults)
        if len(faults.found) != before:
            return None
        try:
            return self._kind(**fields)
        except ValueError as error:  # a check of the type's own, in __post_init__
            return faults.add(path, str(error) or "is not valid")

    def _read_fields(self, value: dict[str, Any], path: Path, faults: Faults) -> dict[str, Any]:
        if self._fields is None:
            self._fields = [(name, self._reader_of(kind), needed) for name, kind, needed in _fields_of(self._kind)]
        found: dict[str, Any] = {}
        for name, reader, needed in self._fields:
            if name in value:
                found[name] = reader(value[name], (path, name), faults)
            elif needed:
                faults.add((path, name), "is missing")
        return found


def _fields_of(kind: Any) -> list[tuple[str, Any, bool]]:
    """Return (name, type, whether it is needed) of each field."""
    hints = get_type_hints(kind)
    if not dataclasses.is_dataclass(kind):
        return [(name, hint, name in _required_keys(kind)) for name, hint in hints.items()]
    return [(field.name, hints[field.name], _is_needed(field)) for field in dataclasses.fields(kind) if field.init]


def _required_keys(kind: Any) -> set[str]:
    # `__required_keys__` does not see a NotRequired in an annotation that is still text.
    marks = {name: get_origin(hint) for name, hint in get_type_hints(kind, include_extras=True).items()}
    required = {name for name, mark in marks.items() if mark is Required}
    return required | {name for name in kind.__required_keys__ if marks[name] is not NotRequired}


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def form_values(lists: Mapping[str, list[str]], kind: Any, *, is_list: Callable[[Any], bool]) -> dict[str, Any]:
    """Return the fields of a form as `kind` wants them: a list where it asks for one, else the only value."""
    hints = get_type_hints(kind) if isinstance(kind, type) else {}
    return {
        name: values if len(values) != 1 or (name in hints and is_list(hints[name])) else values[0]
        for name, values in lists.items()
    }
