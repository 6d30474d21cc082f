"""Machines that Hypothesis makes up, with Retry, Catch, Parallel and Map; and tasks whose failures are determined."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import Late
from isthmus.workflows.states_error import StatesError

DEPTH = 3


def work(call: Call) -> Any:
    """Do what a task's arguments say: fail as often as they do, and take a time that is the state's own.

    Whatever fails fails alike: which of two siblings does so first must not matter.
    """
    asked = call.arguments
    if call.attempt <= asked["fails"] or asked["item"] == asked["bad"]:
        raise StatesError("Boom", "as it was told")
    seconds = zlib.crc32(call.state.encode()) % 7
    return Late(seconds, {"did": call.state, "item": asked["item"]}) if seconds else {"did": call.state}


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document that always ends, whatever its tasks come to."""
    return _machine(draw, (f"S{number}" for number in itertools.count()), 0, mapped=False)


def _machine(draw: st.DrawFn, names: Iterator[str], depth: int, *, mapped: bool) -> dict[str, Any]:
    states: dict[str, Any] = {}
    chain = [next(names) for _ in range(draw(st.integers(1, 3)))]
    for name, following in itertools.zip_longest(chain, chain[1:]):
        states[name] = _state(draw, names, depth, mapped=mapped)
        states[name].update({"Next": following} if following else {"End": True})
        if draw(st.booleans()) and states[name]["Type"] in {"Task", "Parallel", "Map"}:
            caught = next(names)
            path = draw(st.sampled_from(["$", "$.caught", None]))
            error = draw(st.sampled_from(["States.ALL", "Boom", "States.TaskFailed", "Other", "States.Timeout"]))
            states[name]["Catch"] = [{"ErrorEquals": [error], "Next": caught, "ResultPath": path}]
            states[caught] = {"Type": "Pass", "Parameters": {"caught.$": "$"}, "End": True}
    return {"StartAt": chain[0], "States": states}


def _state(draw: st.DrawFn, names: Iterator[str], depth: int, *, mapped: bool) -> dict[str, Any]:
    kinds = ["Task", "Task", "Pass", "Wait", "Parallel", "Map"] if depth < DEPTH else ["Task", "Pass", "Wait"]
    kind = draw(st.sampled_from(kinds))
    if kind == "Wait":
        return {"Type": "Wait", "Seconds": draw(st.integers(0, 3))}
    if kind == "Pass":
        return {"Type": "Pass", "Assign": {"last.$": "$$.State.Name"}, "Parameters": {"was.$": "$"}}
    state = {"Task": _task, "Parallel": _parallel, "Map": _map}[kind](draw, names, depth, mapped)
    if draw(st.booleans()):
        state["Retry"] = [{"ErrorEquals": ["Boom"], "MaxAttempts": draw(st.integers(0, 2)), "IntervalSeconds": 1}]
    return state


def _task(draw: st.DrawFn, names: Iterator[str], depth: int, mapped: bool) -> dict[str, Any]:
    item = "$$.Map.Item.Value" if mapped else "$$.State.RetryCount"
    asked = {
        "fails": draw(st.sampled_from([0, 0, 0, 1, 2, 9])),
        "bad": draw(st.sampled_from([-1, -1, 1])),
        "item.$": item,
    }
    resource = draw(st.sampled_from(["work", "work.waitForTaskToken"]))
    return {"Type": "Task", "Resource": resource, "Parameters": asked, "ResultPath": draw(st.sampled_from(["$", None]))}


def _parallel(draw: st.DrawFn, names: Iterator[str], depth: int, mapped: bool) -> dict[str, Any]:
    count = draw(st.integers(1, 3))
    return {"Type": "Parallel", "Branches": [_machine(draw, names, depth + 1, mapped=mapped) for _ in range(count)]}


def _map(draw: st.DrawFn, names: Iterator[str], depth: int, mapped: bool) -> dict[str, Any]:
    inner = _machine(draw, names, depth + 1, mapped=True)
    mode = draw(st.sampled_from(["INLINE", "DISTRIBUTED"]))
    state = {
        "Type": "Map",
        "ItemsPath": "$$.Execution.Input.items",
        "ItemProcessor": {**inner, "ProcessorConfig": {"Mode": mode}},
        "MaxConcurrency": draw(st.integers(0, 2)),
    }
    if mode == "DISTRIBUTED":
        state["ToleratedFailureCount"] = draw(st.integers(0, 3))
    return state
