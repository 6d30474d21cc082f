"""`list`, `map` and `math`.

https://cloud.google.com/workflows/docs/reference/stdlib/list
https://cloud.google.com/workflows/docs/reference/stdlib/map
https://cloud.google.com/workflows/docs/reference/stdlib/math
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.library.function import Function, numeric, pure, wrong
from tests.emulators.gcp.workflows.operators import whole
from tests.emulators.gcp.workflows.values import LEAST, MOST, is_list, is_map


def _list(value: Any) -> list[Any]:
    if not is_list(value):
        raise wrong("objs", value, "a list")
    found: list[Any] = value
    return found


def _concat(objs: Any, val: Any) -> list[Any]:
    """Return a copy with one more value at its end: a list is one value as well."""
    return [*_list(objs), val]


def _prepend(objs: Any, val: Any) -> list[Any]:
    return [val, *_list(objs)]


def _get(map: Any, keys: Any) -> Any:
    """Look up a key, or one after the other; null where one is not there, or where there is no map to look in."""
    path: list[Any] = keys if is_list(keys) else [keys]
    if not all(isinstance(key, str) for key in path):
        raise failure("TypeError", "keys must be a string or a list of strings")
    found = map
    for key in path:
        found = found.get(key) if is_map(found) else None
    return found


def _map(what: str, value: Any) -> dict[str, Any]:
    if not is_map(value):
        raise wrong(what, value, "a map")
    found: dict[str, Any] = value
    return found


def _delete(map: Any, key: Any) -> dict[str, Any]:
    if not isinstance(key, str):
        raise wrong("key", key, "a string")
    return {name: value for name, value in _map("map", map).items() if name != key}


def _merge(first: Any, second: Any) -> dict[str, Any]:
    return {**_map("first", first), **_map("second", second)}


def _merge_nested(first: Any, second: Any) -> dict[str, Any]:
    merged = dict(_map("first", first))
    for key, value in _map("second", second).items():
        both = is_map(value) and is_map(merged.get(key))
        merged[key] = _merge_nested(merged[key], value) if both else value
    return merged


def _abs(x: Any) -> Any:
    return whole(abs(numeric("x", x)))


def _floor(x: Any) -> int:
    """Round down to an integer."""
    value = numeric("x", x)
    if not math.isfinite(value) or not LEAST <= value <= MOST:
        raise failure("ValueError", f"{value!r} is no integer of 64 bits")
    return math.floor(value)


def _max(x: Any, y: Any) -> Any:
    return max(numeric("x", x), numeric("y", y))


def _min(x: Any, y: Any) -> Any:
    return min(numeric("x", x), numeric("y", y))


COLLECTIONS: Mapping[str, Function] = {
    "list.concat": pure(_concat, "objs", "val"),
    "list.prepend": pure(_prepend, "objs", "val"),
    "map.get": pure(_get, "map", "keys"),
    "map.delete": pure(_delete, "map", "key"),
    "map.merge": pure(_merge, "first", "second"),
    "map.merge_nested": pure(_merge_nested, "first", "second"),
    "math.abs": pure(_abs, "x"),
    "math.floor": pure(_floor, "x"),
    "math.max": pure(_max, "x", "y"),
    "math.min": pure(_min, "x", "y"),
}
