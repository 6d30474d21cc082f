"""Transforms: a provider's own arguments, changed by the app before a component is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from isthmus.declarations.options import did_you_mean
from isthmus.declarations.resource import Transform
from isthmus.errors import IsthmusError
from isthmus.shapes import is_mapping, shown


class TransformError(IsthmusError, ValueError):
    """A transform names an argument that there is not, or gives back what is no mapping."""


def transformed(
    what: str, arguments: Mapping[str, Any], transform: Transform | None, known: Iterable[str]
) -> dict[str, Any]:
    """Return `arguments` after `transform`, deep and without touching the originals; `what` names whose they are.

    A mapping is merged in: mappings within each other, anything else replaced. A callable gets a copy, and changes it
    or returns a new one. Each key of the result must be one of `known`; `TransformError` suggests the right one.
    """
    copy = merged(arguments, {})
    if callable(transform):
        result: object = transform(copy)
        result = copy if result is None else result
    else:
        result = merged(copy, transform or {})
    if not is_mapping(result):
        raise TransformError(f"the transform of {what} returned {shown(result)}: return the arguments, or None")
    return _known(what, result, sorted(known))


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return both, deep: where each has a mapping under a key those are merged, else `other` wins."""
    result = {key: merged(value, {}) if is_mapping(value) else value for key, value in one.items()}
    for key, value in other.items():
        within = result.get(key)
        result[key] = merged(within if is_mapping(within) else {}, value) if is_mapping(value) else value
    return result


def _known(what: str, arguments: Mapping[str, Any], known: list[str]) -> dict[str, Any]:
    for key in arguments:
        if key not in known:
            raise TransformError(f"the transform of {what} sets {shown(key)}: {did_you_mean(str(key), known)}")
    return dict(arguments)
