"""What AWS's own models say of a request, and botocore does not look at: patterns, enumerations, maxima.

An emulator takes nearly anything. So each call by which a resource is made is held to them: `check` is for the event
`provide-client-params` of a client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

_SIZED = ("blob", "list", "map", "string")


class ConstraintError(ValueError):
    """A request that AWS would refuse."""


def check(params: Mapping[str, Any], model: Any, **_event: Any) -> None:
    """Refuse a request that breaks what its model says; one of wrong types is left to botocore, which comes next."""
    shape = model.input_shape
    if shape is None or import_module("botocore.validate").ParamValidator().validate(params, shape).has_errors():
        return
    found = list(faults(shape, params, model.name))
    if found:
        raise ConstraintError("; ".join(found))


def faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield what a value and all within it break of their shape; `path` says where it is."""
    yield from (f"{path} = {value!r}: {fault}" for fault in _own(shape, value))
    yield from _WITHIN.get(shape.type_name, _nothing)(shape, value, path)


def _own(shape: Any, value: Any) -> Iterator[str]:
    told = shape.metadata
    if isinstance(value, str):
        pattern = _compiled(told.get("pattern", ""))
        if pattern and not pattern.fullmatch(value):
            yield f"does not match {told['pattern']}"
        if told.get("enum") and value not in told["enum"]:
            yield f"is none of {', '.join(told['enum'])}"
    size = len(value) if shape.type_name in _SIZED else value
    if "max" in told and size > told["max"]:
        yield f"is {size}, and {told['max']} is the most"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of Java's as one of Python's; None where it has none."""
    try:
        return re.compile(pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w\s")) if pattern else None
    except re.error:
        return None


def _structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from faults(member, value[name], f"{path}.{name}")


def _list(shape: Any, value: Any, path: str) -> Iterator[str]:
    for index, entry in enumerate(value):
        yield from faults(shape.member, entry, f"{path}[{index}]")


def _map(shape: Any, value: Any, path: str) -> Iterator[str]:
    for key, entry in value.items():
        yield from faults(shape.key, key, f"{path}.{key}")
        yield from faults(shape.value, entry, f"{path}.{key}")


def _nothing(_shape: Any, _value: Any, _path: str) -> Iterator[str]:
    yield from ()


_WITHIN: Mapping[str, Callable[[Any, Any, str], Iterator[str]]] = {"structure": _structure, "list": _list, "map": _map}
