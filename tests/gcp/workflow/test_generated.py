"""Machines that nobody has thought of come to the same, compiled, as on the local interpreter.

Only the first branch of a Parallel can fail: which of two that fail at once is the first is nobody's to say, and
siblings of a failed branch go on with Google, and are stopped elsewhere.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from isthmus.shapes import is_list, is_mapping
from tests.gcp.workflow.alike import both
from tests.gcp.workflow.played import Failed

ERRORS = ("A", "B", "C")
PATHS = ("$", "$.a", "$.b", "$.a.x", "$.missing", "$.l[0]", "$.l[*].x", "$x", "$$.State.Name")
VALUES = st.sampled_from(
    [0, 1, 2.5, "text", "${a}", None, True, {"x": 1}, {"a": {"x": [1]}, "l": [{"x": 2}]}, [1, "2"]]
)
NAMES = st.sampled_from([*ERRORS, "States.ALL", "States.TaskFailed", "ServiceError", "States.Runtime"])


def templates() -> st.SearchStrategy[dict[str, Any]]:
    computed = st.one_of(
        st.sampled_from(PATHS),
        st.sampled_from(["States.Format('{}-{}', $.a, 'x')", "States.MathAdd($.n, 1)", "States.Array($.a, $.b)"]),
    )
    fields = st.one_of(
        st.tuples(st.sampled_from(["a.$", "b.$", "n.$", "l.$"]), computed),
        st.tuples(st.sampled_from(["a", "b", "l", "n"]), VALUES),
    )
    return st.lists(fields, min_size=1, max_size=3).map(_unique)


def _unique(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields by their names, of which "a" and "a.$" are one."""
    return dict({name.removesuffix(".$"): (name, value) for name, value in fields}.values())


def flow() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "ResultPath": st.sampled_from(["$", "$.r", "$.a.r", None]),
            "OutputPath": st.sampled_from(["$", "$", "$.a", None]),
            "Assign": st.just({"x.$": "$"}),
        },
    )


def handled() -> st.SearchStrategy[dict[str, Any]]:
    retrier = st.fixed_dictionaries(
        {"ErrorEquals": st.lists(NAMES, min_size=1, max_size=2, unique=True)},
        optional={"MaxAttempts": st.integers(0, 2), "BackoffRate": st.sampled_from([1, 2.5])},
    )
    catcher = st.fixed_dictionaries(
        {"ErrorEquals": st.lists(NAMES, min_size=1, max_size=2, unique=True), "Next": st.just("Last")},
        optional={"ResultPath": st.sampled_from(["$", "$.e", None]), "Assign": st.just({"x.$": "$.Error"})},
    )
    return st.fixed_dictionaries(
        {}, optional={"Retry": st.lists(retrier, max_size=2), "Catch": st.lists(catcher, max_size=2)}
    )


@st.composite
def states(draw: st.DrawFn, path: str, depth: int) -> dict[str, Any]:
    kinds = ["Pass", "Pass", "Task", "Task", "Choice", "Wait", "Fail", "Succeed"] + ["Parallel", "Map"] * (depth < 2)
    found: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 3))):
        name = f"{path}{number}"
        found[name] = draw(state(draw(st.sampled_from(kinds)), name, f"{path}{number + 1}", depth))
    found[f"{path}{len(found)}"] = {"Type": "Pass", "Next": "Last"}
    found["Last"] = {
        "Type": "Pass",
        "Parameters": {"x.$": "$x", "d.$": "$"} if draw(st.booleans()) else {"d.$": "$"},
        "End": True,
    }
    return found


@st.composite
def state(draw: st.DrawFn, kind: str, name: str, following: str, depth: int) -> dict[str, Any]:
    ends: dict[str, Any] = {"Type": kind, "Next": following}
    if kind == "Pass":
        own = draw(
            st.one_of(st.fixed_dictionaries({"Result": VALUES}), st.fixed_dictionaries({"Parameters": templates()}))
        )
        return {**ends, **own, **draw(flow())}
    if kind == "Task":
        return {**ends, "Resource": "shop.work", "Parameters": draw(templates()), **draw(flow()), **draw(handled())}
    if kind == "Wait":
        return {**ends, "Seconds": draw(st.integers(0, 5))}
    if kind == "Fail":
        return {"Type": kind, "Error": draw(st.sampled_from(ERRORS)), "Cause": "${c}"}
    if kind == "Succeed":
        return {"Type": kind, "InputPath": draw(st.sampled_from(["$", "$.a"]))}
    if kind == "Choice":
        rule = draw(
            st.sampled_from([{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.n", "NumericLessThan": 2}])
        )
        return {"Type": kind, "Choices": [{**rule, "Next": "Last"}], "Default": following}
    return {**ends, **draw(spread(kind, name, depth)), **draw(flow()), **draw(handled())}


@st.composite
def spread(draw: st.DrawFn, kind: str, name: str, depth: int) -> dict[str, Any]:
    inner: list[Any] = [{"StartAt": f"{name}x0", "States": draw(states(f"{name}x", depth + 1))}]
    if kind == "Parallel":
        inner.append({"StartAt": "Sure", "States": {"Sure": {"Type": "Pass", "Result": name, "End": True}}})
    own = {"Branches": inner} if kind == "Parallel" else {"ItemProcessor": inner[0], "MaxConcurrency": 1}
    if kind == "Map":
        own |= draw(
            st.sampled_from(
                [
                    {"ItemsPath": "$.l"},
                    {},
                    {"ItemsPath": "$.l", "ItemSelector": {"a.$": "$$.Map.Item.Value", "n.$": "$$.Map.Item.Index"}},
                ]
            )
        )
    return own


ANSWERS = st.lists(
    st.one_of(VALUES, st.sampled_from([Failed(error) for error in ERRORS]), st.just(Failed(status=503))),
    min_size=1,
    max_size=4,
)


def _tasks(value: Any) -> list[str]:
    if is_list(value):
        return [name for inner in value for name in _tasks(inner)]
    if not is_mapping(value):
        return []
    own = [name for name, inner in value.items() if is_mapping(inner) and inner.get("Type") == "Task"]
    return own + [name for inner in value.values() for name in _tasks(inner)]


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
)
@given(data=st.data(), machine=states("s", 0), given_=VALUES)
def test_a_generated_machine_comes_to_the_same(data: st.DataObject, machine: dict[str, Any], given_: Any) -> None:
    answers = {name: data.draw(ANSWERS) for name in sorted(set(_tasks(machine)))}

    interpreted, compiled = both(machine, given_, answers)

    assert compiled == interpreted
