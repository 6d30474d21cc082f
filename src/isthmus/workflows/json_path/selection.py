"""Evaluates paths: what a path selects in JSON data.

A path is compiled once to a function of the data. Where a definite path finds nothing, `NothingThereError` is raised;
any other path selects a list, empty where even what leads to it is not there, as the recordings show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus.workflows.json_path import conditions
from isthmus.workflows.json_path.functions import apply
from isthmus.workflows.json_path.segments import (
    Constant,
    Descend,
    Filter,
    Function,
    Index,
    Indexes,
    Key,
    Keys,
    Operand,
    Path,
    Segment,
    Slice,
    Wildcard,
)
from isthmus.workflows.json_path.values import is_array, is_object
from isthmus.workflows.json_path.whole import Whole

Follow: TypeAlias = Callable[[Any], Any]
"""What a path selects in some data."""

Select: TypeAlias = Callable[[Any, Whole], Any]
"""What a path selects, of the node that it starts at and the whole data."""

_NOTHING: Mapping[Any, Any] = {}

_Step: TypeAlias = Callable[[Iterable[Any], Whole], list[Any]]


class NothingThereError(LookupError):
    """A definite path selects nothing: up to where it was followed."""


def follower(path: Path) -> Follow:
    """Return the function that a path is; what it returns is shared with the data."""
    select = selector(path)
    if len(_lead(path.segments)) == len(path.segments):
        unused = Whole(None)
        return lambda data: select(data, unused)
    return lambda data: select(data, Whole(data))


def selector(path: Path) -> Select:
    """Return the function that a path is within another one's whole data."""
    steps = _lead(path.segments)
    if len(steps) == len(path.segments):
        return _direct(steps)
    if path.gathers:
        return _gathered(path)
    return _definite(path) if path.definite else _indefinite(path.segments)


def _takes(segment: Segment) -> Callable[[Any], bool]:
    """Return what tells whether a segment can be applied to a value; a wildcard can to any, and selects nothing."""
    if isinstance(segment, Slice | Indexes):
        return is_array
    return (lambda value: is_array(value) or is_object(value)) if isinstance(segment, Filter) else lambda value: True


def _lead(segments: Sequence[Segment]) -> Sequence[Key | Index]:
    """Return the segments up to the first that is neither a name nor a position."""
    found: list[Key | Index] = []
    for segment in segments:
        if not isinstance(segment, Key | Index):
            break
        found.append(segment)
    return found


def _direct(segments: Sequence[Key | Index]) -> Select:
    """Return the function for the paths that there are most of: names and positions alone."""
    steps: list[tuple[Any, Any]] = [
        (dict, segment.name) if isinstance(segment, Key) else (list, segment.index) for segment in segments
    ]
    if not steps:
        return _whole

    def select(node: Any, _: Whole) -> Any:
        for number, (kind, step) in enumerate(steps):
            try:
                node = node[step] if isinstance(node, kind) else _NOTHING[step]
            except (KeyError, IndexError):
                raise NothingThereError(_location(steps, number)) from None
        return node

    return select


def _whole(node: Any, _: Whole) -> Any:
    return node


def _location(steps: Sequence[tuple[Any, Any]], number: int) -> str:
    path = "$" + "".join(f"[{step!r}]" for _, step in steps[: number + 1])
    return f"No results for path: {path}" if number == len(steps) - 1 else f"Missing property in path {path}"


def _definite(path: Path) -> Select:
    steps = _steps(path.segments)

    def select(node: Any, whole: Whole) -> Any:
        found = _walked(steps, node, whole)
        if not found:
            raise NothingThereError(f"No results for path: {path.text}")
        return found[0]

    return select


def _indefinite(segments: Sequence[Segment]) -> Select:
    """Return the function for a path to a list; what leads to it by names and positions alone has to be there."""
    lead = _lead(segments)
    before, steps = _direct(lead), _steps(segments[len(lead) :])
    fits = _takes(segments[len(lead)])

    def select(node: Any, whole: Whole) -> Any:
        start = before(node, whole)
        if not fits(start):
            raise NothingThereError("No results for path")
        return _walked(steps, start, whole)

    return select


def _gathered(path: Path) -> Select:
    """Return the function for `$..price.sum()`, to Jayway `$.sum($..price)`; a length counts what is below."""
    *before, last = path.segments
    if not isinstance(last, Function):
        raise TypeError(f"{path.text} ends in no function")
    if last.name in ("length", "size"):
        within = _indefinite([*before, Wildcard()])
        return lambda node, whole: len(within(node, whole))
    values = _indefinite(before)
    return lambda node, whole: apply(last.name, node, [values(node, whole)])


def _walked(steps: Sequence[_Step], node: Any, whole: Whole) -> list[Any]:
    nodes = [node]
    for step in steps:
        nodes = step(nodes, whole)
        whole.spend(len(nodes) + 1)
    return nodes


def _steps(segments: Sequence[Segment]) -> list[_Step]:
    """Return the steps of a path; `..` is one with the segment after it."""
    found: list[_Step] = []
    scanning = False
    for number, segment in enumerate(segments):
        if isinstance(segment, Descend):
            scanning = True
            continue
        step = _step(segment, leaf=number == len(segments) - 1, scanning=scanning)
        found.append(_scan(step) if scanning else step)
        scanning = False
    return found


def _scan(step: _Step) -> _Step:
    return lambda nodes, whole: step(_below(nodes, whole), whole)


def _below(nodes: Iterable[Any], whole: Whole) -> Iterator[Any]:
    """Yield the objects and lists at and below the nodes, an outer one before those within it."""
    for top in nodes:
        stack = [top]
        while stack:
            node = stack.pop()
            if is_object(node) or is_array(node):
                whole.spend(1)
                yield node
                stack.extend(reversed([*_values(node)]))


def _step(segment: Segment, *, leaf: bool, scanning: bool) -> _Step:
    if isinstance(segment, Key):
        return _key(segment.name)
    if isinstance(segment, Keys):
        return _merged(segment.names, whole=scanning) if leaf else _each(segment.names)
    if isinstance(segment, Index):
        return _positions((segment.index,))
    if isinstance(segment, Indexes):
        return _positions(segment.indexes)
    if isinstance(segment, Slice):
        return _sliced(segment)
    return _computed(segment, scanning=scanning)


def _computed(segment: Segment, *, scanning: bool) -> _Step:
    if isinstance(segment, Filter):
        return _filtered(segment, scanning=scanning)
    if isinstance(segment, Function):
        return _called(segment)
    if isinstance(segment, Wildcard):
        return lambda nodes, _: [value for node in nodes for value in _values(node)]
    raise TypeError(f"{segment!r} is no segment")


def _key(name: str) -> _Step:
    return lambda nodes, _: [node[name] for node in nodes if is_object(node) and name in node]


def _each(names: Sequence[str]) -> _Step:
    return lambda nodes, _: [node[name] for node in nodes if is_object(node) for name in names if name in node]


def _merged(names: Sequence[str], *, whole: bool) -> _Step:
    """Return the step to an object of some fields; where `whole`, only of objects that have them all."""

    def step(nodes: Iterable[Any], _: Whole) -> list[Any]:
        return [
            {name: node[name] for name in names if name in node}
            for node in nodes
            if is_object(node) and (not whole or all(name in node for name in names))
        ]

    return step


def _positions(indexes: Sequence[int]) -> _Step:
    return lambda nodes, _: [
        node[index] for node in nodes if is_array(node) for index in indexes if -len(node) <= index < len(node)
    ]


def _sliced(segment: Slice) -> _Step:
    def step(nodes: Iterable[Any], _: Whole) -> list[Any]:
        return [
            node[index]
            for node in nodes
            if is_array(node)
            for index in _range(segment, len(node))
            if -len(node) <= index < len(node)
        ]

    return step


def _range(segment: Slice, length: int) -> range:
    """Return the positions of a slice as Jayway counts them: between two ends, each position may be negative."""
    start, stop = segment.start, segment.stop
    if start is None:
        end = stop or 0
        return range(min(length, end + length if end < 0 else end))
    if stop is None:
        return range(max(0, start + length if start < 0 else start), length)
    return range(max(start, -length), min(length, stop))


def _values(node: Any) -> Iterable[Any]:
    if is_object(node):
        return node.values()
    return node if is_array(node) else ()


def _filtered(segment: Filter, *, scanning: bool) -> _Step:
    prepared = conditions.prepared(segment.condition, selector)

    def step(nodes: Iterable[Any], whole: Whole) -> list[Any]:
        accepts = prepared(whole)
        found: list[Any] = []
        for node in nodes:
            if is_object(node):
                found += [node] if accepts(node) else []
            elif is_array(node) and (not scanning or accepts(node)):
                whole.spend(len(node))
                # Below `..` the objects of a list come by themselves.
                found += [item for item in node if accepts(item)]
        return found

    return step


def _called(segment: Function) -> _Step:
    arguments = _arguments(segment.arguments)
    return lambda nodes, whole: [apply(segment.name, node, arguments(node, whole)) for node in nodes]


def _arguments(operands: Sequence[Operand]) -> Callable[[Any, Any], list[Any]]:
    values = [_operand(operand) for operand in operands]
    return lambda node, whole: [value(node, whole) for value in values]


def _operand(operand: Operand) -> Select:
    if isinstance(operand, Path):
        select = selector(operand)
        return lambda node, whole: select(node if operand.base == "@" else whole.data, whole)
    value = operand.value if isinstance(operand, Constant) else operand.text
    return lambda node, whole: value
