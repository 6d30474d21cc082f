"""Whether a value is of an annotated type, for the few forms that declarations use; and the type in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from isthmus.shapes import is_list, is_mapping, is_number, shown

_WORDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    NoneType: "None",
}


def conforms(value: object, annotation: Any) -> bool:
    """Return whether `value` is of the type `annotation`; a bool is no number, and text is no list."""
    if annotation is Any:
        return True
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _is_a(value, annotation)
    return _GENERIC[origin](value, parts)


def says(annotation: Any) -> str:
    """Return what `annotation` asks for, in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " or ".join(says(part) for part in parts)
    if origin is Literal:
        return " or ".join(shown(part) for part in parts)
    if origin is Mapping:
        return "a mapping" if parts[1] is Any else f"a mapping of names to {says(parts[1])}"
    if origin is Sequence:
        return f"a list of {says(parts[0])}"
    if origin is tuple:
        return f"({', '.join(says(part) for part in parts)})"
    return (
        "a callable" if origin is Callable else _WORDS.get(annotation, str(getattr(annotation, "__name__", "a value")))
    )


def _is_a(value: object, annotation: Any) -> bool:
    if annotation is float:
        return is_number(value)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return value is None if annotation is None else isinstance(value, annotation)


def _is_mapping(value: object, parts: tuple[Any, ...]) -> bool:
    return is_mapping(value) and all(conforms(k, parts[0]) and conforms(v, parts[1]) for k, v in value.items())


def _is_sequence(value: object, parts: tuple[Any, ...]) -> bool:
    return is_list(value) and all(conforms(entry, parts[0]) for entry in value)


def _is_tuple(value: object, parts: tuple[Any, ...]) -> bool:
    """A list does where a tuple is asked for: nobody is served by telling them apart."""
    return is_list(value) and len(value) == len(parts) and all(map(conforms, value, parts))


def _is_one_of(value: object, parts: tuple[Any, ...]) -> bool:
    return any(conforms(value, part) for part in parts)


def _is_literal(value: object, parts: tuple[Any, ...]) -> bool:
    return any(type(value) is type(part) and value == part for part in parts)


def _is_callable(value: object, _parts: tuple[Any, ...]) -> bool:
    return callable(value)


_GENERIC: Mapping[Any, Callable[[object, tuple[Any, ...]], bool]] = {
    Mapping: _is_mapping,
    Sequence: _is_sequence,
    tuple: _is_tuple,
    Union: _is_one_of,
    UnionType: _is_one_of,
    Literal: _is_literal,
    Callable: _is_callable,
}
