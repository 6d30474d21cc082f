"""Values of a workflow, and what they take.

- integer (64 bit), double, string, boolean, bytes, null, lists and maps.
  https://cloud.google.com/workflows/docs/reference/syntax/datatypes
- An assignment makes a copy: nothing here is ever changed in place, so that what is shared is never seen.
  https://cloud.google.com/workflows/docs/reference/syntax/variables#pass-value
- Memory: 8 bytes for a number or boolean, 8 and the elements for a string, bytes or a list, 8 and keys and values for
  a map. https://cloud.google.com/workflows/docs/reference/syntax/variables#memory-usage
"""

from __future__ import annotations

import json
import math
from typing import Any, TypeGuard

from tests.emulators.gcp.workflows.failures import failure

LEAST, MOST = -(2**63), 2**63 - 1

_NAMES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
}


def kind(value: Any) -> str:
    """Return the name of a value's type."""
    return "null" if value is None else _NAMES.get(type(value), "function")


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value is a list."""
    return isinstance(value, list)


def is_map(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value is a map."""
    return isinstance(value, dict)


def number(value: Any) -> bool:
    """Whether it is an integer or a double."""
    return type(value) in (int, float)


def size(value: Any) -> int:
    """Return the bytes of memory that a value takes."""
    if isinstance(value, str):
        return 8 + len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return 8 + len(value)
    if is_list(value):
        return 8 + sum(map(size, value))
    if is_map(value):
        return 8 + sum(size(key) + size(one) for key, one in value.items())
    return 8


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same, however deep; an integer may equal a double, a boolean never a number."""
    if is_map(one) and is_map(other):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if is_list(one) and is_list(other):
        return len(one) == len(other) and all(map(equal, one, other))
    return (kind(one) == kind(other) or (number(one) and number(other))) and bool(one == other)


def encoded(value: Any, indent: str | None = None) -> str:
    """Return a value in JSON, the keys of maps in order; bytes cannot be encoded (`ValueError`).

    That a double without a fraction is written like an integer is not documented: it is what Go's encoder does, whose
    traits Google's answers have (sorted keys are one of them).
    """
    tight = (",", ":") if indent is None else None
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=tight, indent=indent)


def decoded(text: str) -> Any:
    """Return the value that a JSON text has; `ValueError` for any other."""
    return json.loads(text, parse_int=_integer, parse_float=float, parse_constant=_constant)


def text_of(value: float) -> str:
    """Return a double as text."""
    if math.isnan(value) or math.isinf(value):
        return repr(value)
    whole = value == int(value) and abs(value) < 1e21
    return str(int(value)) if whole else repr(value)


def _plain(value: Any) -> Any:
    if is_list(value):
        return [_plain(one) for one in value]
    if is_map(value):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, float):
        return _double(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise failure("ValueError", f"a value of type {kind(value)} cannot be encoded in JSON")


def _double(value: float) -> float:
    if math.isnan(value) or math.isinf(value):
        raise failure("ValueError", f"{value!r} cannot be encoded in JSON")
    return int(value) if value == int(value) and abs(value) < 1e21 else value


def _integer(digits: str) -> float:
    """Return an integer of 64 bits; a double where they do not suffice (not documented)."""
    whole = int(digits) if len(digits) < 25 else MOST + 1
    return whole if LEAST <= whole <= MOST else float(digits)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
