"""What an event must be, for it to be read at all."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.errors import BadEventError


def is_object(value: object) -> bool:
    """Tell whether a value is an object of JSON."""
    return type(value) is dict


def is_list(value: object) -> bool:
    """Tell whether a value is a list of JSON."""
    return type(value) is list


def identifier(value: Any) -> str:
    """Return a record's id; without one no answer could name the record, so that the whole event is refused."""
    if type(value) is str and value:
        return value
    raise BadEventError(f"a record has {value!r} as its id, which is none")


def text(value: Any) -> str:
    """Return a value that is text; `TypeError` where it is none."""
    if type(value) is str:
        return value
    raise TypeError(f"{value!r} is no text")
