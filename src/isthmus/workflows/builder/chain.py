"""Chains of states: each leads to the one that is added after it, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self, TypeAlias, Unpack

from isthmus.workflows.builder.conditions import Condition
from isthmus.workflows.builder.drafts import Drafts, OpenEnd
from isthmus.workflows.builder.errors import Catcher, Retrier
from isthmus.workflows.builder.options import (
    FailOptions,
    MapOptions,
    PassOptions,
    StateOptions,
    TaskOptions,
    WaitOptions,
    WorkOptions,
)
from isthmus.workflows.builder.spelling import fields

Target: TypeAlias = "str | Drafts"
"""Where a transition leads: a state by its name, or a chain, whose end goes on with the state that is added next."""

Rule: TypeAlias = "tuple[Condition | str, Target]"
"""A condition, or an expression of JSONata, and where it leads."""


class Chain(Drafts):
    """Some states in a row. Each method adds one and returns the chain.

    A branch of a Parallel and the machine of a Map are chains, and so may be what a Choice or a catcher leads to: the
    end of such a chain goes on with the state that is added next, as the state does that it comes from.
    """

    def task(self, name: str, resource: str, **options: Unpack[TaskOptions]) -> Self:
        """Call something: `resource` is a handler's path, or the name of what the app declares."""
        return self._add(name, {"Type": "Task", "Resource": resource}, options)

    def pass_(self, name: str, **options: Unpack[PassOptions]) -> Self:
        """Do nothing, but shape what is handed on."""
        return self._add(name, {"Type": "Pass"}, options)

    def wait(self, name: str, **options: Unpack[WaitOptions]) -> Self:
        """Wait for some seconds, or until a time."""
        return self._add(name, {"Type": "Wait"}, options)

    def succeed(self, name: str, **options: Unpack[StateOptions]) -> Self:
        """End well."""
        return self._add(name, {"Type": "Succeed"}, options, ends=True)

    def fail(self, name: str, **options: Unpack[FailOptions]) -> Self:
        """End in failure, with an `error` and a `cause`."""
        return self._add(name, {"Type": "Fail"}, options, ends=True)

    def choice(
        self,
        name: str,
        *rules: Rule,
        default: Target | Literal["next"] | None = "next",
        **options: Unpack[StateOptions],
    ) -> Self:
        """Go where the first rule leads whose condition holds: `(when("$.total") > 100, "Approve")`.

        Where none does it goes to `default`: the state that is added next, unless another is named; None leaves it out,
        and then an execution fails there.
        """
        state: dict[str, Any] = {"Type": "Choice", **fields(options), "Choices": []}
        self._enter(name, state)
        for condition, target in rules:
            said = {"Condition": condition} if isinstance(condition, str) else condition.rule
            state["Choices"].append({**said, "Next": self._name(target)})
        if default == "next":
            self.open.append(OpenEnd(state, "Default"))
        elif default is not None:
            state["Default"] = self._name(default)
        return self

    def parallel(self, name: str, *branches: Drafts, **options: Unpack[WorkOptions]) -> Self:
        """Run all branches, and go on when all have ended."""
        return self._add(name, {"Type": "Parallel", "Branches": [_machine(branch) for branch in branches]}, options)

    def map(
        self,
        name: str,
        processor: Drafts,
        *,
        distributed: Literal["STANDARD", "EXPRESS"] | None = None,
        **options: Unpack[MapOptions],
    ) -> Self:
        """Run a chain for each item; `distributed` asks for executions of their own, and says of what type."""
        config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": distributed}} if distributed else {}
        return self._add(name, {"Type": "Map", "ItemProcessor": {**config, **_machine(processor)}}, options)

    def state(self, name: str, definition: Mapping[str, Any]) -> Self:
        """Add a state as the language has it; without `Next` or `End` it goes on with the state that is added next."""
        goes_on = definition.get("Type") in ("Pass", "Task", "Wait", "Parallel", "Map")
        return self._add(name, dict(definition), {}, ends=not goes_on)

    def then(self, chain: Drafts) -> Self:
        """Add all states of another chain, whose end is the end of this one from then on."""
        opened, self.open = self.open, []
        first = self.merge(chain)
        for fields_of, key in opened:
            fields_of[key] = first
        return self

    def _add(self, name: str, state: dict[str, Any], options: Mapping[str, Any], *, ends: bool = False) -> Self:
        said = {key: value for key, value in options.items() if key not in ("retry", "catch")}
        state |= fields(said)
        self._enter(name, state)
        if not ends and "Next" not in state and "End" not in state:
            self.open.append(OpenEnd(state, "Next"))
        retriers: Sequence[Retrier] = options.get("retry") or ()
        catchers: Sequence[Catcher] = options.get("catch") or ()
        if retriers:
            state["Retry"] = [dict(retrier.fields) for retrier in retriers]
        if catchers:
            state["Catch"] = [{**catcher.fields, "Next": self._name(catcher.target)} for catcher in catchers]
        return self

    def _enter(self, name: str, state: dict[str, Any]) -> None:
        self.put(name, state)
        self.connect(name)

    def _name(self, target: Target) -> str:
        return target if isinstance(target, str) else self.merge(target)


def _machine(chain: Drafts) -> dict[str, Any]:
    return {"StartAt": chain.first, "States": chain.written()}
