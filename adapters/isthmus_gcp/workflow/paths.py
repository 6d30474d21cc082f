"""Paths as code: names and positions are read by expressions, all else by the helper `states_find`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from isthmus.workflows.json_path.paths import parse
from isthmus.workflows.json_path.segments import (
    Comparison,
    Condition,
    Constant,
    Descend,
    Exists,
    Filter,
    Function,
    Index,
    Indexes,
    Joined,
    Key,
    Keys,
    Negated,
    Operand,
    Path,
    Segment,
    Slice,
    Wildcard,
)
from isthmus_gcp.workflow.expressions import expression, field, is_plain
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import VARIABLES, Scope
from isthmus_gcp.workflow.steps import Steps

RELATIONS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in", "nin": "nin"} | {
    "contains": "contains"
}
"""The operators of filters that have a counterpart."""

LENGTHS = ("length", "size")
"""The functions at the end of a path that have a counterpart."""

DEEPEST = 8
"""How deep conditions of a filter may be nested: each is a call of its own."""


def read(steps: Steps, text: str, scope: Scope) -> str:
    """Return the code of what a path selects."""
    return read_path(steps, parse(text), scope)


def read_path(steps: Steps, path: Path, scope: Scope) -> str:
    """Return the code of what a parsed path selects."""
    if _is_direct(path):
        return _direct(steps, path, scope)
    found = _found(steps, scope.base(path.base, steps.context), path, path.segments)
    return f"{found}[0]" if path.definite else found


def present(steps: Steps, text: str, scope: Scope) -> str:
    """Return code that is true where a path selects something: a definite path a value, any other a list."""
    path = parse(text)
    segments = path.segments
    base = scope.base(path.base, steps.context)
    if path.base not in ("$", "$$"):
        base, segments = VARIABLES, (Key(path.base), *segments)
    if not path.definite:
        return f"len({_found(steps, base, path, segments)}) > 0"
    if not segments:
        return "true"
    return f"len({_found(steps, base, path, segments)}) > 0"


def _is_direct(path: Path) -> bool:
    return all(
        isinstance(segment, Key) or (isinstance(segment, Index) and segment.index >= 0) for segment in path.segments
    )


def _direct(steps: Steps, path: Path, scope: Scope) -> str:
    code = scope.base(path.base, steps.context)
    for segment in path.segments:
        code = steps.short(code)
        if isinstance(segment, Index):
            code = field(code, segment.index)
        elif isinstance(segment, Key):
            code = field(code, segment.name) if is_plain(segment.name) else f"{code}[{steps.code(segment.name)}]"
    return code


def _found(steps: Steps, base: str, path: Path, segments: Sequence[Segment]) -> str:
    if path.gathers:
        raise UnportableError(f"the path {path.text!r} computes with all that it selects")
    selections = [steps.literal(selection) for selection in _selections(segments)]
    data = expression(steps.short(base))
    return steps.call("states_find", {"data": data, "steps": selections, "root": data}, "find")


def _selections(segments: Sequence[Segment]) -> Iterator[Mapping[str, Any]]:
    scanning = False
    for number, segment in enumerate(segments):
        if isinstance(segment, Descend):
            yield {"select": "below"}
        else:
            yield _selection(segment, leaf=number == len(segments) - 1, scanning=scanning)
        scanning = isinstance(segment, Descend)


def _selection(segment: Segment, *, leaf: bool, scanning: bool) -> Mapping[str, Any]:
    if isinstance(segment, Key):
        return {"select": "key", "key": segment.name}
    if isinstance(segment, Index | Indexes):
        indexes = [segment.index] if isinstance(segment, Index) else list(segment.indexes)
        return {"select": "indexes", "indexes": indexes}
    if isinstance(segment, Slice):
        return {"select": "slice", "start": segment.start, "stop": segment.stop}
    if isinstance(segment, Keys):
        return {"select": "keys", "keys": list(segment.names), "merged": leaf, "whole": scanning}
    return _computed(segment, scanning=scanning)


def _computed(segment: Segment, *, scanning: bool) -> Mapping[str, Any]:
    if isinstance(segment, Wildcard):
        return {"select": "all"}
    if isinstance(segment, Filter):
        return {"select": "filter", "holds": _condition(segment.condition), "scanning": scanning}
    if isinstance(segment, Function) and segment.name in LENGTHS:
        return {"select": "length"}
    what = f"the function {segment.name}()" if isinstance(segment, Function) else type(segment).__name__
    raise UnportableError(f"{what} in a path")


def _condition(condition: Condition, depth: int = 0) -> Mapping[str, Any]:
    if depth > DEEPEST:
        raise UnportableError(f"a filter whose conditions are nested more than {DEEPEST} deep")
    if isinstance(condition, Joined):
        test = "and" if condition.operator == "&&" else "or"
        return {"test": test, "of": [_condition(inner, depth + 1) for inner in condition.conditions]}
    if isinstance(condition, Negated):
        return {"test": "not", "of": _condition(condition.condition, depth + 1)}
    if isinstance(condition, Exists):
        return {"test": "exists", "of": _operand(condition.path), "present": condition.present}
    return _comparison(condition)


def _comparison(condition: Comparison) -> Mapping[str, Any]:
    relation = RELATIONS.get(condition.operator)
    if relation is None:
        raise UnportableError(f"the operator {condition.operator} in the filter of a path")
    return {
        "test": "compare",
        "left": _operand(condition.left),
        "relation": relation,
        "right": _operand(condition.right),
    }


def _operand(operand: Operand) -> Mapping[str, Any]:
    if isinstance(operand, Constant):
        return {"base": "value", "value": operand.value}
    if not isinstance(operand, Path):
        raise UnportableError("a regular expression in the filter of a path")
    if operand.gathers:
        raise UnportableError(f"the path {operand.text!r} computes with all that it selects")
    base = "node" if operand.base == "@" else "root"
    return {"base": base, "steps": list(_selections(operand.segments)), "definite": operand.definite}
