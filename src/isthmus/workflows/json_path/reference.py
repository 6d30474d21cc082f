"""Reference paths: those that name one place, so that a value can be put there.

https://states-language.net/spec.html#ref-paths
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from isthmus.shapes import shown
from isthmus.workflows.json_path import paths
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.segments import Index, Key, Path
from isthmus.workflows.json_path.values import is_array, is_object


class PlaceError(LookupError):
    """The data has no such place, and none can be made: it leads through a value that is no object, or past a list."""


def parse(text: str) -> Path:
    """Return the reference path that a text is: its segments are `Key` and `Index` alone."""
    path = paths.parse(text)
    if not all(isinstance(segment, Key | Index) for segment in path.segments):
        raise ExpressionError(
            f"{shown(text)} is no reference path: it has to name one place, by names and positions alone"
        )
    return path


def put(path: Path, data: Any, value: Any) -> Any:
    """Return a copy of `data` with `value` in the place that `path`, a reference path, names; objects are made for it.

    `PlaceError` where that cannot be. What is off the way to the place is shared with `data`.
    """
    steps = [segment.name if isinstance(segment, Key) else _position(segment) for segment in path.segments]
    return _put(steps, data, value)


def _position(segment: object) -> int:
    if not isinstance(segment, Index):
        raise TypeError(f"{segment!r} is of no reference path")
    return segment.index


def _put(steps: Sequence[str | int], data: Any, value: Any) -> Any:
    """Walk down, copying, without recursion: a path may be long."""
    if not steps:
        return value
    top = current = _copy(data, steps[0])
    for step, following in pairwise(steps):
        inner = _copy(current[step] if isinstance(step, int) else current.get(step, {}), following)
        current[step] = inner
        current = inner
    current[steps[-1]] = value
    return top


def _copy(data: Any, step: str | int) -> Any:
    """Return a copy of the object or list in which the place `step` is, or will be."""
    if isinstance(step, str) and is_object(data):
        return {**data}
    if isinstance(step, int) and is_array(data) and -len(data) <= step < len(data):
        return [*data]
    raise PlaceError(f"{step!r} is no place in {shown(data)}")
