"""The portable profile: everything that Workflows cannot do is refused by name, before anything is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError
from isthmus.workflows.definition import parse
from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.profile import problems

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
INNER = {"StartAt": "X", "States": {"X": PASS}}


def document(state: Any, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, "B": PASS}, **fields}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "shop.work", "End": True, **fields}


def each(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": INNER, "End": True, **fields}


@pytest.mark.parametrize(
    ("state", "pointer", "reason"),
    [
        (PASS | {"QueryLanguage": "JSONata"}, "/States/A", "JSONata"),
        (task(HeartbeatSeconds=5), "/States/A/HeartbeatSeconds", "heartbeats"),
        (task(HeartbeatSecondsPath="$.h"), "/States/A/HeartbeatSecondsPath", "heartbeats"),
        (task(Resource="arn:aws:states:us-east-1:123456789012:activity:x"), "/States/A/Resource", "activities"),
        (task(Resource="arn:aws:states:::batch:submitJob.sync"), "/States/A/Resource", "batch:submitJob"),
        (task(Resource="arn:aws:states:::aws-sdk:polly:listLexicons"), "/States/A/Resource", "polly"),
        (task(Resource=7), "/States/A/Resource", "Resource"),
        (each(ItemReader={}), "/States/A/ItemReader", "list"),
        (each(ItemBatcher={}), "/States/A/ItemBatcher", "one item"),
        (each(ResultWriter={}), "/States/A/ResultWriter", "output"),
        ({"Type": "Map", "End": True}, "/States/A", "ItemProcessor"),
        (PASS | {"Parameters": {"a.$": "$.l[?(@.x =~ /a/)]"}}, "/States/A/Parameters", "=~"),
        (PASS | {"Parameters": {"a.$": "$.l.sum()"}}, "/States/A/Parameters", "sum"),
        (PASS | {"Parameters": {"a.$": "$..x.length()"}}, "/States/A/Parameters", "computes"),
        (PASS | {"Parameters": {"a.$": "$.["}}, "/States/A/Parameters", "no path"),
        (PASS | {"Parameters": {"a.$": 5}}, "/States/A/Parameters", "text"),
        (PASS | {"ResultPath": "$.a[*]"}, "/States/A/ResultPath", "reference path"),
        (PASS | {"ResultPath": "$.a[-1]"}, "/States/A/ResultPath", "end of a list"),
        (PASS | {"ResultPath": "$$.a"}, "/States/A/ResultPath", "input"),
        (PASS | {"InputPath": 5}, "/States/A/InputPath", "text"),
        (PASS | {"Result": 2**63}, "/States/A", "64 bits"),
        (PASS | {"Result": "\ud800"}, "/States/A", "surrogate"),
        (PASS | {"Result": float("inf")}, "/States/A", "infinite"),
        (PASS | {"End": False, "Next": "C"}, "/States/A/Next", "no state"),
        (
            {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "C"}]},
            "/States/A/Choices/0/Next",
            "no state",
        ),
        ({"Type": "Choice", "Choices": [{"Variable": "$.a", "Is": True, "Next": "B"}]}, "/States/A/Choices/0", "Is"),
        ({"Type": "Choice", "Choices": [5]}, "/States/A/Choices/0/Next", "no state"),
        ({"Type": "Choice", "Choices": [], "Default": "C"}, "/States/A/Default", "no state"),
        (task(Catch=[{"ErrorEquals": ["A"], "Next": "C"}]), "/States/A/Catch/0/Next", "no state"),
        (task(Retry=[{"ErrorEquals": "A"}]), "/States/A/Retry/0/ErrorEquals", "list"),
        (task(TimeoutSeconds=0), "/States/A/TimeoutSeconds", "number"),
        ({"Type": "Wait", "End": True}, "/States/A", "neither"),
        ({"Type": "Wait", "Seconds": "5", "End": True}, "/States/A/Seconds", "number"),
        ({"Type": "Nothing", "End": True}, "/States/A", "Nothing"),
        ({"Type": "Fail", "Error": 5}, "/States/A/Error", "text"),
        (
            {"Type": "Parallel", "Branches": [{**INNER, "TimeoutSeconds": 5}], "End": True},
            "/States/A/Branches/0/TimeoutSeconds",
            "execution",
        ),
    ],
)
def test_what_has_no_counterpart_is_refused_where_it_stands(state: Any, pointer: str, reason: str) -> None:
    found = problems(parse(document(state)))

    assert [fault.pointer for fault in found] == [pointer]
    assert reason in found[0].reason


def test_all_faults_are_told_at_once() -> None:
    states = {"A": task(HeartbeatSeconds=5, Next="B", End=False), "B": each(ItemReader={})}

    found = problems(parse({"StartAt": "A", "States": states, "TimeoutSeconds": 60}))

    assert [fault.pointer for fault in found] == ["/States/A/HeartbeatSeconds", "/States/B/ItemReader"]


def test_what_is_within_the_profile_has_no_problems() -> None:
    assert problems(parse(document(task(Retry=[{"ErrorEquals": ["States.ALL"]}], TimeoutSeconds=5)))) == ()


@pytest.mark.parametrize("start", ["Z", 5, None])
def test_a_machine_has_to_start_somewhere(start: Any) -> None:
    [fault] = problems(parse({"StartAt": start, "States": {"A": PASS}}))

    assert fault.pointer == "/StartAt"


@pytest.mark.parametrize("deep", [limits.CALL_DEPTH - 8, limits.CALL_DEPTH + 1, 150])
def test_machines_are_nested_as_deep_as_calls_may_be(deep: int) -> None:
    inner: Any = INNER
    for _ in range(deep):
        inner = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}

    found = problems(parse(inner))

    assert bool(found) == (deep > limits.CALL_DEPTH - 8)
    assert all("deep" in fault.reason for fault in found)


@pytest.mark.parametrize(
    "hostile",
    [
        {"Type": "Pass", "Result": None, "End": True},
        {"Type": ["Pass"]},
        {"Type": "Task", "Resource": "x" * 1_000_000, "End": True},
        {"Type": "Pass", "Parameters": {"a.$": "$" + ".a" * 5000}, "End": True},
        {"Type": "Pass", "Parameters": {"a.$": "States.Array(" * 200 + ")" * 200}, "End": True},
        {"Type": "Pass", "Parameters": {"a.$": "$.l[?(" + "(" * 500 + "@.a" + ")" * 500 + ")]"}, "End": True},
        {"Type": "Parallel", "Branches": "all", "End": True},
        {"Type": "Parallel", "Branches": [None], "End": True},
        {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": []}, "End": True},
        {"Type": "Task", "Resource": "shop.work", "Retry": "always", "Catch": {"a": 1}, "End": True},
        {"Type": "Task", "Resource": "shop.work", "Parameters": {5: 6}, "End": True},
        {"Type": "Choice", "Choices": [{"Not": {"Not": {"And": "x"}}, "Next": "B"}]},
        {"Type": "Fail", "ErrorPath": ["$"], "CausePath": {}},
        {"Type": "Pass", "Assign": "x", "End": True},
        {"Type": "Pass", "Next": {"B": 1}},
    ],
)
def test_nothing_that_somebody_writes_ends_in_anything_but_reasons(hostile: Any) -> None:
    for fault in problems(parse(document(hostile))):
        assert fault.reason


def test_values_that_are_nested_without_end_are_refused() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = {"a": [deep]}

    for field in ("Result", "Parameters", "Assign", "ResultSelector"):
        assert problems(parse(document(PASS | {field: deep})))


def test_rules_that_are_nested_without_end_are_refused() -> None:
    rule: Any = {"Variable": "$.a", "IsNull": True}
    for _ in range(900):
        rule = {"Not": rule}

    assert problems(parse(document({"Type": "Choice", "Choices": [{**rule, "Next": "B"}]})))


def test_a_name_of_a_megabyte_is_refused() -> None:
    name = "x" * 1_000_000

    [fault] = problems(parse({"StartAt": name, "States": {name: PASS}}))

    assert len(str(fault)) < 5000


def test_a_document_that_is_no_definition_is_not_compiled_at_all() -> None:
    with pytest.raises(InvalidValueError):
        problems(parse([]))
