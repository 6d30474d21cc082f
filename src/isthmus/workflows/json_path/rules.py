"""Choice rules: `{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Review"}`.

https://states-language.net/spec.html#choice-state
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.json_path import paths
from isthmus.workflows.json_path.comparisons import OPERATORS, ORDERINGS, Compare
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.expressions import Expression, path_expression
from isthmus.workflows.json_path.segments import Path
from isthmus.workflows.json_path.selection import NothingThereError
from isthmus.workflows.json_path.values import is_array, is_object
from isthmus.workflows.states_error import RUNTIME, StatesError

Rule: TypeAlias = Callable[[Any, Scope], bool]
"""Whether a rule holds, of the state's effective input and the scope."""


def rule(fields: Any) -> Rule:
    """Return the test that a choice rule is; a rule that is none fails when it is tried."""
    if not is_object(fields):
        return _broken("a choice rule is an object")
    for name, join in (("And", all), ("Or", any)):
        if name in fields:
            return _joined(fields[name], join)
    if "Not" in fields:
        negated = rule(fields["Not"])
        return lambda data, scope: not negated(data, scope)
    return _compared(fields)


def _joined(inner: Any, join: Callable[..., bool]) -> Rule:
    if not is_array(inner):
        return _broken("And and Or join a list of choice rules")
    rules = [rule(each) for each in inner]
    return lambda data, scope: join(each(data, scope) for each in rules)


def _compared(fields: Mapping[str, Any]) -> Rule:
    variable = fields.get("Variable")
    if "IsPresent" in fields:
        return _present(variable, fields["IsPresent"] is True)
    value = path_expression(variable, _invalid)
    for name, other in fields.items():
        if name in OPERATORS:
            return _constant(value, OPERATORS[name], other)
        if name.endswith("Path") and name[:-4] in ORDERINGS:
            return _paths(value, ORDERINGS[name[:-4]], path_expression(other, _invalid))
    return _broken("a choice rule has no comparison")


def _constant(value: Expression, compare: Compare, other: Any) -> Rule:
    return lambda data, scope: compare(value(data, scope), other)


def _paths(value: Expression, compare: Compare, other: Expression) -> Rule:
    return lambda data, scope: compare(value(data, scope), other(data, scope))


def _present(variable: Any, wanted: bool) -> Rule:
    """Return the test for what a path selects being there: for one that selects a list, anything in it."""
    try:
        path = paths.parse(variable) if isinstance(variable, str) else None
    except ExpressionError as error:
        return _broken(str(error))
    if path is None:
        return _broken("Variable has to be a path")
    select = path_expression(variable, _absent)
    definite, name = path.definite, path.base

    def present(data: Any, scope: Scope) -> bool:
        if name not in ("$", "$$") and name not in scope.variables:
            return not wanted
        try:
            found = select(data, scope)
        except _AbsentError:
            return not wanted
        return (definite or bool(found)) is wanted

    return present


class _AbsentError(StatesError):
    """There is nothing where a path leads."""


def _absent(path: Path, _: Any, nothing: NothingThereError) -> StatesError:
    return _AbsentError(RUNTIME, f"{path.text}: {nothing}")


def _invalid(path: Path, _: Any, nothing: NothingThereError) -> StatesError:
    why = "The choice state's condition path references an invalid value."
    return StatesError(RUNTIME, f"Invalid path '{path.text}': {why}")


def _broken(why: str) -> Rule:
    def fail(data: Any, scope: Scope) -> bool:
        raise StatesError(RUNTIME, why)

    return fail
