"""JSONPath as a `Dataflow`: how data flows through a state that is written in it.

https://states-language.net/spec.html#filters
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from isthmus.workflows.dataflow import Chosen, Dataflow, Flowed, Scope
from isthmus.workflows.definition import State
from isthmus.workflows.json_path.expressions import Expression
from isthmus.workflows.json_path.plans import CatchPlan, Compiled, StatePlan
from isthmus.workflows.states_error import NO_CHOICE, RUNTIME, StatesError

T = TypeVar("T")


class JsonPath:
    """The dataflow of the states whose query language is JSONPath. It keeps what their fields compile to."""

    def __init__(self) -> None:
        self._states: Compiled[State, StatePlan] = Compiled(StatePlan)
        self._catchers: Compiled[Mapping[str, Any], CatchPlan] = Compiled(CatchPlan)

    def arguments(self, state: State, scope: Scope) -> Any:
        """Return what a state works on: `InputPath` and `Parameters`, or a Pass's `Result`."""
        return _bounded(lambda: self._arguments(state, scope))

    def output(self, state: State, scope: Scope, result: Any) -> Flowed:
        """Return what leaves: `Assign` sees the result; then `ResultSelector`, `ResultPath` and `OutputPath`."""
        return _bounded(lambda: _flowed(self._states.of(state), scope, result))

    def caught(self, catcher: Mapping[str, Any], scope: Scope, error: Mapping[str, Any]) -> Flowed:
        """Return what leaves by a catcher: the error, in the place that its `ResultPath` names."""
        return _bounded(lambda: self._catchers.of(catcher).flowed(scope, error))

    def choose(self, state: State, scope: Scope) -> Chosen:
        """Return where the first rule that holds leads, or `Default`."""
        return _bounded(lambda: self._choose(state, scope))

    def field(self, state: State, name: str, scope: Scope) -> Any:
        """Return the value of a field, as it stands or as its `Path` form selects it in the effective input."""
        return _bounded(lambda: self._field(state, name, scope))

    def items(self, state: State, scope: Scope) -> Any:
        """Return what `ItemsPath` selects in the effective input; without it, that input."""
        return _bounded(lambda: self._items(state, scope))

    def item(self, state: State, scope: Scope) -> Any:
        """Return what `ItemSelector`, or a Map's `Parameters`, makes of an iteration; without them, its item."""
        return _bounded(lambda: self._item(state, scope))

    def _arguments(self, state: State, scope: Scope) -> Any:
        plan = self._states.of(state)
        if plan.arguments is None:
            return plan.effective(scope)
        # A Pass with a Result looks at no input, so that its InputPath cannot fail.
        whole = state.type == "Pass" and "Result" in state.fields
        return plan.arguments(None if whole else plan.effective(scope), scope)

    def _choose(self, state: State, scope: Scope) -> Chosen:
        plan = self._states.of(state)
        data = plan.effective(scope)
        for choice in plan.choices:
            if choice.holds(data, scope):
                return Chosen(choice.next, _left(plan, scope, data, choice.assign))
        default = state.fields.get("Default")
        if not isinstance(default, str):
            raise StatesError(NO_CHOICE, "No choice rule matched, and the state has no Default")
        return Chosen(default, _left(plan, scope, data, plan.assign))

    def _field(self, state: State, name: str, scope: Scope) -> Any:
        plan = self._states.of(state)
        value = plan.field(name)
        return None if value is None else value(plan.effective(scope), scope)

    def _items(self, state: State, scope: Scope) -> Any:
        plan = self._states.of(state)
        data, items = plan.effective(scope), plan.field("Items")
        return data if items is None else items(data, scope)

    def _item(self, state: State, scope: Scope) -> Any:
        plan = self._states.of(state)
        if plan.item is None:
            return scope.context["Map"]["Item"]["Value"]
        return plan.item(plan.effective(scope), scope)


def _flowed(plan: StatePlan, scope: Scope, result: Any) -> Flowed:
    assigned: Mapping[str, Any] = plan.assign(result, scope) if plan.assign else {}
    effective = plan.result(result, scope) if plan.result else result
    output = plan.place(effective, scope) if plan.place else effective
    return Flowed(plan.output(output, scope) if plan.output else output, assigned)


def _left(plan: StatePlan, scope: Scope, data: Any, assign: Expression | None) -> Flowed:
    output = plan.output(data, scope) if plan.output else data
    return Flowed(output, assign(data, scope) if assign else {})


def _bounded(evaluate: Callable[[], T]) -> T:
    """Return what is evaluated; data or fields that are nested too deep for it are a failure like any other."""
    try:
        return evaluate()
    except RecursionError:
        raise StatesError(RUNTIME, "the data or the definition are nested too deep") from None


JSON_PATH: Dataflow = JsonPath()
"""The JSONPath query language."""
