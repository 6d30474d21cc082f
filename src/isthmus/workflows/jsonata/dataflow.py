"""How data flows through a state that is written in JSONata.

https://states-language.net/spec.html#using-jsonata-expressions
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.dataflow import Chosen, Dataflow, Flowed, Scope
from isthmus.workflows.definition import State
from isthmus.workflows.jsonata.evaluation import Names
from isthmus.workflows.jsonata.expressions import UNDEFINED, ExpressionError, evaluate
from isthmus.workflows.jsonata.fields import check_field, kind_of
from isthmus.workflows.jsonata.library import deep
from isthmus.workflows.jsonata.marks import expression_of
from isthmus.workflows.states_error import NO_CHOICE, QUERY, StatesError

WITH_RESULT = ("Task", "Map", "Parallel")
"""The states that come to a result of their own, which `$states.result` is."""

WITH_ARGUMENTS = ("Task", "Parallel")
"""The states that may have `Arguments`."""


class JsonataDataflow:
    """The fields of states whose query language is JSONata."""

    def arguments(self, state: State, scope: Scope) -> Any:
        """Return what `Arguments` make, or the state's input."""
        if state.type in WITH_ARGUMENTS and "Arguments" in state.fields:
            return _filled(state.fields["Arguments"], "Arguments", _names(scope))
        return scope.input

    def output(self, state: State, scope: Scope, result: Any) -> Flowed:
        """Return what `Output` and `Assign` make, or the result."""
        extra = {"result": result} if state.type in WITH_RESULT else {}
        return _flowed(state.fields, _names(scope, **extra), result)

    def caught(self, catcher: Mapping[str, Any], scope: Scope, error: Mapping[str, Any]) -> Flowed:
        """Return what the `Output` and `Assign` of a catcher make, or the error."""
        return _flowed(catcher, _names(scope, errorOutput=error), error)

    def choose(self, state: State, scope: Scope) -> Chosen:
        """Return the first rule whose `Condition` holds; the state's own `Output` and `Assign` are of its Default."""
        names = _names(scope)
        rules = state.fields.get("Choices")
        for number, rule in enumerate(rules if is_list(rules) else ()):
            if is_mapping(rule) and self._holds(rule.get("Condition"), f"Choices[{number}]/Condition", names):
                return Chosen(str(rule.get("Next")), _flowed(rule, names, scope.input, f"Choices[{number}]/"))
        if "Default" not in state.fields:
            raise StatesError(NO_CHOICE, "no Condition holds, and the state has no Default")
        return Chosen(str(state.fields["Default"]), _flowed(state.fields, names, scope.input))

    def field(self, state: State, name: str, scope: Scope) -> Any:
        """Return a field's value; one that an expression computes is checked here, for its errors are JSONata's."""
        value = state.fields.get(name)
        expression = expression_of(value)
        if expression is None:
            return value
        found = _evaluated(expression, name, _names(scope))
        check_field(name, found, expression)
        return found

    def items(self, state: State, scope: Scope) -> Any:
        """Return what `Items` makes, or the state's input."""
        if "Items" not in state.fields:
            return scope.input
        found = _filled(state.fields["Items"], "Items", _names(scope))
        distributed = _mode(state) == "DISTRIBUTED" and is_mapping(found)
        if not is_list(found) and not distributed:
            raise _unexpected(expression_of(state.fields["Items"]) or "", "Items", "array", found)
        return found

    def item(self, state: State, scope: Scope) -> Any:
        """Return what `ItemSelector` makes of an item, or the item."""
        if "ItemSelector" in state.fields:
            return _filled(state.fields["ItemSelector"], "ItemSelector", _names(scope))
        return scope.context["Map"]["Item"]["Value"]

    def _holds(self, condition: object, place: str, names: Names) -> bool:
        expression = expression_of(condition)
        found = condition if expression is None else _evaluated(expression, place, names)
        if not isinstance(found, bool):
            raise _unexpected(expression or "", place, "boolean", found)
        return found


JSONATA: Dataflow = JsonataDataflow()


def _names(scope: Scope, **extra: Any) -> Names:
    return Names({**scope.variables, "states": {"input": scope.input, "context": scope.context, **extra}})


def _flowed(fields: Mapping[str, Any], names: Names, otherwise: Any, within: str = "") -> Flowed:
    assign = fields.get("Assign")
    assigned: Any = _filled(assign, f"{within}Assign", names) if is_mapping(assign) else {}
    output = _filled(fields["Output"], f"{within}Output", names) if "Output" in fields else otherwise
    return Flowed(output, assigned)


def _filled(template: Any, place: str, names: Names) -> Any:
    """Return a template with each of its expressions evaluated; what is none stands for itself."""
    try:
        with deep():
            return _value(template, place, names)
    except RecursionError:
        raise StatesError(QUERY, f"the field '{place.partition('/')[0]}' is nested too deeply") from None


def _value(template: Any, place: str, names: Names) -> Any:
    if is_mapping(template):
        return {key: _value(held, f"{place}/{key}", names) for key, held in template.items()}
    if is_list(template):
        return [_value(entry, f"{place}[{number}]", names) for number, entry in enumerate(template)]
    expression = expression_of(template)
    return template if expression is None else _evaluated(expression, place, names)


def _evaluated(expression: str, place: str, names: Names) -> Any:
    try:
        found = evaluate(expression, names)
    except ExpressionError as error:
        raise StatesError(QUERY, f"{_which(expression, place)} {error}") from error
    if found is UNDEFINED:
        raise StatesError(QUERY, f"{_which(expression, place)} returned nothing (undefined).")
    return found


def _unexpected(expression: str, place: str, expected: str, found: Any) -> StatesError:
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    was = f"Expected '{expected}', but was '{kind_of(found)}' for value: {text}"
    return StatesError(QUERY, f"{_which(expression, place)} returned an unexpected result type. {was}")


def _which(expression: str, place: str) -> str:
    return f"The JSONata expression '{expression}' specified for the field '{place}'"


def _mode(state: State) -> Any:
    processor = state.fields.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if is_mapping(processor) else None
    return config.get("Mode") if is_mapping(config) else None
