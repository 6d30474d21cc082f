"""The envelope that a workflow hands on: a path that may find nothing in its input gives a list, in lists at times."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import CONTENT_TYPE
from isthmus.payload import JSON
from isthmus_aws.events.shape import is_list, is_object

_DEPTH = 8
"""So deep it may lie: each workflow that starts another by JSONPath adds a list."""


def envelope(found: Any) -> dict[str, str]:
    """Return the first of the envelopes in what was found; an empty one where there is none."""
    for entry in _flat(found, _DEPTH):
        if is_object(entry) and _is_texts(entry):
            carried: dict[str, str] = entry
            return carried
    return {}


def ours(found: list[Any]) -> dict[str, str]:
    """Return the attributes of ours of a message that a workflow has sent, which is JSON."""
    return {**envelope(found), CONTENT_TYPE: JSON}


def _is_texts(entry: dict[str, Any]) -> bool:
    return all(type(value) is str for value in entry.values())


def _flat(value: Any, depth: int) -> list[Any]:
    if not is_list(value):
        return [value]
    return [inner for entry in value for inner in _flat(entry, depth - 1)] if depth else []
