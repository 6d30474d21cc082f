"""What a value that anybody may have written looks like, told so that type checkers know it too."""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 60


def shown(value: object) -> str:
    """Return the value as Python writes it, cut to a length that a line of text can hold; never raises."""
    return _SHORT.repr(value)


def is_text(value: object) -> TypeGuard[str]:
    """Return whether `value` is text, which a name should be."""
    return isinstance(value, str)


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Return whether `value` is a mapping."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether `value` is a list or a tuple, or another sequence that is no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether `value` is a finite number (which a bool is not)."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return isinstance(value, int) or math.isfinite(value)


def not_json(value: object) -> str:
    """Return why `value` cannot be written as JSON; empty where it can."""
    try:
        json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return str(error)
    return ""
