"""What an event must be, for it to be read at all."""

from __future__ import annotations

from isthmus._typing import Any


def is_object(value: object) -> bool:
    """Tell whether a value is an object of JSON."""
    return type(value) is dict


def is_list(value: object) -> bool:
    """Tell whether a value is a list of JSON."""
    return type(value) is list


def text(value: Any) -> str:
    """Return a value that is text; `TypeError` where it is none."""
    if type(value) is str:
        return value
    raise TypeError(f"{value!r:.80} is no text")


def texts(value: Any) -> dict[str, str]:
    """Return an object whose members are text; `TypeError` where it is none."""
    if not is_object(value) or not all(type(member) is str for member in value.values()):
        raise TypeError(f"{value!r:.80} is no object of texts")
    found: dict[str, str] = value
    return found
