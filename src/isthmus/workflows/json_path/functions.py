"""The functions that may end a path: `$.items.length()`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.shapes import is_number
from isthmus.workflows.json_path.values import is_array, is_object
from isthmus.workflows.states_error import RUNTIME, StatesError


def apply(name: str, node: Any, arguments: Sequence[Any]) -> Any:
    """Return what the function `name` makes of a node; `StatesError` where it has no value."""
    return _FUNCTIONS[name](node, arguments)


def _length(node: Any, _: Sequence[Any]) -> Any:
    return len(node) if is_array(node) or is_object(node) else None


def _keys(node: Any, _: Sequence[Any]) -> Any:
    return list(node) if is_object(node) else None


def _aggregate(function: Callable[[list[float]], float]) -> Callable[[Any, Sequence[Any]], float]:
    """Return a function of numbers, which calculates in doubles, as Jayway's do."""

    def aggregate(node: Any, arguments: Sequence[Any]) -> float:
        values: list[Any] = [*(node if is_array(node) else ()), *_flat(arguments)]
        try:
            result = function([float(value) for value in values if is_number(value)])
        except (ValueError, OverflowError) as error:
            raise StatesError(RUNTIME, f"a path calculates with no numbers, or too large ones: {error}") from None
        if not math.isfinite(result):
            raise StatesError(RUNTIME, "a path calculates what is no number any more")
        return result

    return aggregate


def _sum(numbers: list[float]) -> float:
    if not numbers:
        raise ValueError("there is none")
    return sum(numbers)


def _flat(arguments: Sequence[Any]) -> list[Any]:
    return [value for argument in arguments for value in (argument if is_array(argument) else [argument])]


def _concat(node: Any, arguments: Sequence[Any]) -> str:
    values: list[Any] = [*(node if is_array(node) else ()), *_flat(arguments)]
    return "".join(value for value in values if isinstance(value, str))


def _append(node: Any, arguments: Sequence[Any]) -> Any:
    return [*node, *arguments] if is_array(node) else node


def _element(node: Any, arguments: Sequence[Any]) -> Any:
    index = arguments[0] if arguments else 0
    if is_array(node) and isinstance(index, int) and -len(node) <= index < len(node):
        return node[index]
    raise StatesError(RUNTIME, f"there is no element {index!r}")


_FUNCTIONS: Mapping[str, Callable[[Any, Sequence[Any]], Any]] = {
    "length": _length,
    "size": _length,
    "keys": _keys,
    "min": _aggregate(min),
    "max": _aggregate(max),
    "sum": _aggregate(_sum),
    "avg": _aggregate(statistics.fmean),
    "stddev": _aggregate(statistics.pstdev),
    "concat": _concat,
    "append": _append,
    "first": lambda node, _: _element(node, [0]),
    "last": lambda node, _: _element(node, [-1]),
    "index": _element,
}
