"""JSON values: when two are equal, and how one is written as text."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

LONGEST_SHOWN = 1_000
"""How much of the data a failure's cause shows."""


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)


def equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same; true is not 1, though 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(equal(*pair) for pair in zip(one, other, strict=True))
    return bool(one == other)


def json_text(value: Any) -> str:
    """Return a value as JSON, without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_shown(value: Any) -> str:
    """Return a value as JSON, cut to what a cause can hold."""
    try:
        text = json_text(value)
    except (TypeError, ValueError, RecursionError):
        return "(no JSON)"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def format_text(value: Any) -> str:
    """Return a value as `States.Format` writes it, as the recordings show: `{Id=1, Names=[a, b]}`."""
    if isinstance(value, str):
        return value
    if is_object(value):
        return f"{{{', '.join(f'{name}={format_text(inner)}' for name, inner in value.items())}}}"
    if is_array(value):
        return f"[{', '.join(map(format_text, value))}]"
    return json_text(value)
