"""What the fields of states and catchers come to, compiled once each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from isthmus.workflows.dataflow import Flowed, Scope
from isthmus.workflows.definition import State
from isthmus.workflows.json_path import reference
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.expressions import Expression, expression, failing, invalid_path, path_expression
from isthmus.workflows.json_path.rules import Rule, rule
from isthmus.workflows.json_path.segments import Path
from isthmus.workflows.json_path.templates import template
from isthmus.workflows.json_path.values import is_array, is_object, json_shown
from isthmus.workflows.states_error import RESULT_PATH, RUNTIME, StatesError

MOST_KEPT = 10_000
"""How many states stay compiled; with one more, all are compiled anew."""

S = TypeVar("S")
P = TypeVar("P")


class Compiled(Generic[S, P]):
    """Keeps what sources compile to, by the sources' identity: definitions do not change while they are used."""

    def __init__(self, compile: Callable[[S], P]) -> None:
        self._compile = compile
        self._kept: dict[int, tuple[S, P]] = {}

    def of(self, source: S) -> P:
        """Return what a source compiles to."""
        found = self._kept.get(id(source))
        # The source is kept along: while it is, no other has its id.
        return found[1] if found else self._remember(source)

    def _remember(self, source: S) -> P:
        compiled = self._compile(source)
        if len(self._kept) >= MOST_KEPT:
            self._kept = {}
        self._kept[id(source)] = (source, compiled)
        return compiled


@dataclass(frozen=True, slots=True)
class Choice:
    """One rule of a Choice: where it leads, and what it assigns."""

    holds: Rule
    next: str
    assign: Expression | None


class StatePlan:
    """What the fields of one state compute. `None` stands for a field that the state has not, and that changes nothing.

    `input` gives the effective input, before `Parameters`; `arguments` what the state works on; `result` the effective
    result; `output` what `OutputPath` lets out.
    """

    __slots__ = ("_state", "arguments", "assign", "choices", "fields", "input", "item", "output", "place", "result")

    def __init__(self, state: State) -> None:
        fields = state.fields
        self._state = state
        self.input = _filtered(fields, "InputPath")
        self.output = _filtered(fields, "OutputPath")
        self.arguments = _arguments(state)
        self.result = _template(fields, "ResultSelector")
        self.assign = _assign(fields)
        self.place = placed(fields)
        self.item = _template(fields, "ItemSelector") or _template(fields, "Parameters")
        self.choices = _choices(fields.get("Choices"))
        self.fields: dict[str, Expression | None] = {}

    def effective(self, scope: Scope) -> Any:
        """Return the effective input, before `Parameters`."""
        return scope.input if self.input is None else self.input(scope.input, scope)

    def field(self, name: str) -> Expression | None:
        """Return what gives the value of a field, as it stands or by its `Path` form."""
        if name not in self.fields:
            self.fields[name] = _field(self._state.fields, name)
        return self.fields[name]


class CatchPlan:
    """What the fields of one catcher compute, as those of a state do."""

    __slots__ = ("assign", "place")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.assign = _assign(fields)
        self.place = placed(fields)

    def flowed(self, scope: Scope, error: Mapping[str, Any]) -> Flowed:
        """Return what leaves by the catcher; `OutputPath` is not applied."""
        output = dict(error)
        assigned: Mapping[str, Any] = self.assign(output, scope) if self.assign else {}
        return Flowed(output if self.place is None else self.place(output, scope), assigned)


def placed(fields: Mapping[str, Any]) -> Expression | None:
    """Return what puts a result into a state's input as `ResultPath` says; None where the result takes its place."""
    text = fields.get("ResultPath", "$")
    if text == "$":
        return None
    if text is None:
        return lambda data, scope: scope.input
    try:
        return _put(reference.parse(text if isinstance(text, str) else json_shown(text)))
    except ExpressionError as error:
        return failing(RUNTIME, str(error))


def _put(path: Path) -> Expression:
    if path.base != "$":
        return failing(RUNTIME, f"{path.text!r}: ResultPath can only name a place in the state's input")

    def put(data: Any, scope: Scope) -> Any:
        try:
            return reference.put(path, scope.input, data)
        except reference.PlaceError as error:
            cause = f"Unable to apply ReferencePath {path.text} to input {json_shown(scope.input)}: {error}"
            raise StatesError(RESULT_PATH, cause) from None

    return put


def _filtered(fields: Mapping[str, Any], name: str) -> Expression | None:
    text = fields.get(name, "$")
    if text is None:
        return lambda data, scope: {}
    return None if text == "$" else path_expression(text, invalid_path)


def _template(fields: Mapping[str, Any], name: str) -> Expression | None:
    return template(fields[name]) if name in fields else None


def _assign(fields: Mapping[str, Any]) -> Expression | None:
    assign = fields.get("Assign", {})
    if not is_object(assign):
        return failing(RUNTIME, "Assign has to be an object")
    return template(assign) if assign else None


def _arguments(state: State) -> Expression | None:
    fields = state.fields
    if state.type == "Pass" and "Result" in fields:
        return lambda data, scope: fields["Result"]
    return None if state.type == "Map" else _template(fields, "Parameters")


def _choices(rules: Any) -> Sequence[Choice]:
    return [
        Choice(rule(fields), str(fields.get("Next", "")), _assign(fields))
        for fields in (rules if is_array(rules) else [])
        if is_object(fields)
    ]


def _field(fields: Mapping[str, Any], name: str) -> Expression | None:
    if name in fields:
        return lambda data, scope: fields[name]
    by_path = f"{name}Path"
    if by_path not in fields:
        return None
    return expression(fields[by_path], by_path)
