"""What an integration was asked that it cannot do, or cannot do as it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_mapping, is_text, shown
from isthmus.workflows.jsonata.marks import expression_of


class RefusedError(InvalidValueError):
    """An integration cannot do this: the clients of linked resources have no word for it, or it has no meaning."""


def required(arguments: Mapping[str, Any], name: str) -> Any:
    """Return an argument that must be there."""
    if arguments.get(name) is None:
        raise RefusedError(f"{name} is missing")
    return arguments[name]


def text(arguments: Mapping[str, Any], name: str) -> str:
    """Return an argument of text that must be there."""
    value = required(arguments, name)
    if not is_text(value):
        raise RefusedError(f"{name} is text, not {shown(value)}")
    return value


def mapping(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an argument that is an object; an empty one where it is not given."""
    value = arguments.get(name)
    if value is None:
        return {}
    if not is_mapping(value):
        raise RefusedError(f"{name} is an object, not {shown(value)}")
    return value


def check_known(arguments: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse arguments that are not known."""
    unknown = sorted(set(arguments) - known)
    if unknown:
        raise RefusedError(unsupported_argument(unknown[0], known))


def unsupported_argument(name: str, known: frozenset[str]) -> str:
    """Return the words for an argument that an integration does not know."""
    return f"{shown(name)} is not supported here; what is: {', '.join(sorted(known))}"


def written(document: Any) -> Mapping[str, Any] | None:
    """Return arguments as a document writes them, without what is computed; None where all of it is."""
    if document is None:
        return {}
    if not is_mapping(document):
        return None
    return {str(name): value for name, value in document.items() if not is_computed(name, value)}


def names_written(document: Any) -> frozenset[str]:
    """Return the names of arguments as a document writes them, also of those that are computed."""
    return frozenset(str(name).removesuffix(".$") for name in document) if is_mapping(document) else frozenset()


def is_computed(name: object, value: object) -> bool:
    """Return whether a field of a document is a path or an expression."""
    return str(name).endswith(".$") or expression_of(value) is not None
