"""What a state is written anew as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_text, shown

Fields: TypeAlias = Mapping[str, Any]
"""The fields of a state, or the entries of a template."""


class Outcome(NamedTuple):
    """The fields of a state; and those of a second one that must follow it, where one state cannot say it."""

    fields: Fields
    then: Fields | None = None


class UnsayableError(InvalidValueError):
    """What a state says has no form that Step Functions understands: why, and what to write instead."""


def as_json(value: Any, *, computes: bool) -> str:
    """Return a value as JSON text; `UnsayableError` where it `computes` something, which the text would only quote."""
    if computes:
        raise UnsayableError("no list with computed entries goes as text: compute all of it, or put it in an object")
    return json.dumps(value)


def parsed(value: Any) -> Any:
    """Return the JSON that a value of a document is: in text, or as it stands; `UnsayableError` where text has none."""
    try:
        return json.loads(value) if is_text(value) else value
    except (ValueError, RecursionError):
        raise UnsayableError(f"it takes JSON, and {shown(value)} is none") from None
