"""The helpers of expressions: https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers.

There is no `type`, and no conversion to a boolean. `if` evaluates all of its arguments here, as any function does: that
it might not is not documented.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.library.function import Function, pure, wrong
from tests.emulators.gcp.workflows.values import LEAST, MOST, is_list, is_map, text_of

_INTEGER = re.compile(r"[-+]?\d{1,25}")
_DOUBLE = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def to_integer(value: Any) -> int:
    """Convert a string or a double, whose fraction is dropped (`int(2.7)`)."""
    if isinstance(value, float):
        if not math.isfinite(value) or not LEAST <= value <= MOST:
            raise failure("ValueError", f"{value!r} is no integer of 64 bits")
        return int(value)
    if not isinstance(value, str):
        raise wrong("the argument of 'int'", value, "a string or a double")
    if not _INTEGER.fullmatch(value) or not LEAST <= int(value) <= MOST:
        raise failure("ValueError", f"cannot convert {value!r} to an integer")
    return int(value)


def to_double(value: Any) -> float:
    """Convert a string or an integer."""
    if type(value) is int:
        return float(value)
    if not isinstance(value, str):
        raise wrong("the argument of 'double'", value, "a string or an integer")
    if not _DOUBLE.fullmatch(value):
        raise failure("ValueError", f"cannot convert {value!r} to a double")
    return float(value)


def to_text(value: Any) -> str:
    """Convert an integer, a double or a boolean; a string stays as it is (not documented)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return text_of(value)
    if isinstance(value, int):
        return str(value)
    raise wrong("the argument of 'string'", value, "an integer, a double or a boolean")


def length(value: Any) -> int:
    """Count the values of a list, the entries of a map, or the characters of a string."""
    if is_list(value) or is_map(value) or isinstance(value, str):
        return len(value)
    raise wrong("the argument of 'len'", value, "a list, a map or a string")


def keys(value: Any) -> list[str]:
    """List the keys of a map; their order is not documented, and not that of the source here."""
    if not is_map(value):
        raise wrong("the argument of 'keys'", value, "a map")
    return sorted(value)


def default(val: Any, default_val: Any) -> Any:
    """Return a value, or another where it is null."""
    return default_val if val is None else val


def choose(condition: Any, if_true: Any, if_false: Any) -> Any:
    """Return one of two values."""
    if not isinstance(condition, bool):
        raise wrong("the condition of 'if'", condition, "a boolean")
    return if_true if condition else if_false


HELPERS: Mapping[str, Function] = {
    "int": pure(to_integer, "value"),
    "double": pure(to_double, "value"),
    "string": pure(to_text, "value"),
    "len": pure(length, "value"),
    "keys": pure(keys, "value"),
    "default": pure(default, "val", "default_val"),
    "if": pure(choose, "condition", "if_true", "if_false"),
}
