"""Machines that Hypothesis makes up to fail: most of their tasks do, and most of these are tried again or caught.

None reads what is not there, and only the first branch of a Parallel can fail: what else there is to generate is in
the tests of the compiler.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

DEEPEST = 2
ITEMS = [{"n": 1}, {"n": 2}, {"n": 3}]
ERRORS = ("A", "B", "C", "States.Timeout", "ServiceError")
LISTS = (
    *(["A"], ["A", "B"], ["ServiceError", "C"], ["States.Timeout"]),
    *(["States.TaskFailed"], ["States.TaskFailed"], ["States.ALL"], ["States.ALL"]),
)
LAST: Mapping[str, Any] = {"Type": "Pass", "Parameters": {"data.$": "$", "why.$": "$why"}, "End": True}


@dataclass(slots=True)
class Making:
    """A machine that is being made: what draws, names that no two states share, and what the tasks come to."""

    draw: st.DrawFn
    names: Iterator[str] = field(default_factory=lambda: (f"S{number}" for number in itertools.count()))
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {})

    def one(self, *of: Any) -> Any:
        """Draw one of these."""
        return self.draw(st.sampled_from(of))


@st.composite
def machines(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Return the states of a machine, and what its tasks come to, call by call."""
    making = Making(draw)
    states = _states(making, 0)
    first = next(iter(states))
    return {"Begin": {"Type": "Pass", "Assign": {"why": ""}, "Next": first}, **states}, making.answers


def _states(making: Making, depth: int) -> dict[str, Any]:
    """Return states that follow one another, and those to which catchers lead."""
    kinds = ["Task", "Task", "Task", "Choice", "Wait"] + ["Parallel", "Map"] * (depth < DEEPEST)
    chain = [next(making.names) for _ in range(making.one(1, 1, 2, 3))]
    last = next(making.names)
    found: dict[str, Any] = {}
    for name, following in zip(chain, [*chain[1:], last], strict=True):
        kind = making.one(*kinds)
        found[name] = {"Type": kind, **_KINDS[kind](making, name, depth), "Next": following}
        if kind == "Choice":
            found[name]["Default"] = found[name].pop("Next")
            found[name]["Choices"] = [{"Variable": "$.n", "NumericLessThan": making.one(2, 3), "Next": last}]
        if kind in ("Task", "Parallel", "Map"):
            found[name] |= {"Retry": _retriers(making), "Catch": _catchers(making, [following, last])}
    return {**found, last: dict(LAST)}


def _task(making: Making, name: str, depth: int) -> dict[str, Any]:
    failures = [{"error": making.one(*ERRORS), "cause": "because"} for _ in range(making.one(0, 1, 2, 3, 4))]
    making.answers[name] = [*failures, {"result": {"did": name}}]
    if making.one(True, False, False):
        making.answers[name] += [{"error": making.one(*ERRORS), "cause": "later"}]
    told = {"n.$": "$.n", "again.$": "$$.State.RetryCount"}
    return {"Resource": "shop.work", "Parameters": told, "ResultPath": making.one("$.r", "$.a.b", None)}


def _choice(making: Making, name: str, depth: int) -> dict[str, Any]:
    return {}


def _wait(making: Making, name: str, depth: int) -> dict[str, Any]:
    return {"Seconds": making.one(1, 5)}


def _parallel(making: Making, name: str, depth: int) -> dict[str, Any]:
    sure = {"StartAt": f"{name}x", "States": {f"{name}x": {"Type": "Pass", "Result": name, "End": True}}}
    return {"Branches": [_machine(making, depth), sure], "ResultPath": making.one("$.p", "$.a.p", None)}


def _map(making: Making, name: str, depth: int) -> dict[str, Any]:
    own = {"ItemsPath": "$$.Execution.Input.items", "MaxConcurrency": 1, "ResultPath": making.one("$.m", None)}
    return {**own, "ItemProcessor": _machine(making, depth)}


def _machine(making: Making, depth: int) -> dict[str, Any]:
    states = _states(making, depth + 1)
    return {"StartAt": next(iter(states)), "States": states}


_KINDS = {"Task": _task, "Choice": _choice, "Wait": _wait, "Parallel": _parallel, "Map": _map}


def _retriers(making: Making) -> list[dict[str, Any]]:
    return [
        {"ErrorEquals": making.one(*LISTS), "IntervalSeconds": 1, "MaxAttempts": making.one(0, 1, 2, 3)}
        for _ in range(making.one(0, 1, 1, 2))
    ]


def _catchers(making: Making, following: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "ErrorEquals": making.one(*LISTS),
            "ResultPath": making.one("$.e", "$.a.e", None),
            "Assign": {"why.$": "$.Error"},
            "Next": making.one(*following),
        }
        for _ in range(making.one(0, 1, 1, 2))
    ]
