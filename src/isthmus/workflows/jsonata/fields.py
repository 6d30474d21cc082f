"""What the fields of a state may be that an expression computes: their types, and their ranges."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from isthmus.workflows.states_error import QUERY, StatesError

LONGEST_WAIT = 99_999_999
"""The most seconds of a wait or a limit."""

_INTEGERS = {
    "TimeoutSeconds": (1, LONGEST_WAIT),
    "HeartbeatSeconds": (1, LONGEST_WAIT),
    "Seconds": (0, LONGEST_WAIT),
    "MaxConcurrency": (0, None),
    "ToleratedFailureCount": (0, None),
}
"""The fields that are whole numbers, with their least and their most."""

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
"""An ISO 8601 extended offset date-time, which is what the language takes for a time."""


def kind_of(value: Any) -> str:
    """Return what JSON calls the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def check_field(name: str, value: Any, expression: str) -> None:
    """Raise `StatesError` where what an expression came to cannot be the value of a field."""
    expected = "string" if name in ("Timestamp", "Error", "Cause") else "number"
    if kind_of(value) != expected:
        was = f"Expected '{expected}', but was '{kind_of(value)}' for value: {json.dumps(value, separators=(',', ':'))}"
        raise _wrong(name, expression, f"returned an unexpected result type. {was}")
    if name == "Timestamp" and not _is_timestamp(value):
        what = "cannot be parsed as an ISO-8601 extended offset date-time format string"
        raise StatesError(QUERY, f"The {name} field {what}: {value}")
    if name in _INTEGERS:
        _check_integer(name, value, expression)
    if name == "ToleratedFailurePercentage" and not 0 <= value <= 100:
        raise _wrong(name, expression, f"returned a percentage that is none: {value}")


def _check_integer(name: str, value: int | float, expression: str) -> None:
    least, most = _INTEGERS[name]
    if not isinstance(value, int) or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise _wrong(name, expression, f"must return an integer {bounds}, and returned {value}")


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        return False
    try:
        return bool(datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00")))
    except ValueError:
        return False


def _wrong(name: str, expression: str, what: str) -> StatesError:
    return StatesError(QUERY, f"The JSONata expression '{expression}' specified for the field '{name}' {what}")
