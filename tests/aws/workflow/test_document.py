"""Whole documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from isthmus.shapes import is_mapping
from tests.aws.workflow.emitting import emitted, machine, state

CORPUS = Path(__file__).parents[3] / ".." / "shared" / "corpus"
FAULTS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
]


@pytest.mark.parametrize("handler", ["Retry", "Catch"])
def test_a_service_error_is_also_what_aws_calls_so(handler: str) -> None:
    rules = [{"ErrorEquals": ["Flaky", "ServiceError"], "MaxAttempts": 4}, {"ErrorEquals": ["States.ALL"]}]
    found = state({"Resource": "Pack", handler: rules})

    assert found[handler] == [{"ErrorEquals": ["Flaky", "ServiceError", *FAULTS], "MaxAttempts": 4}, rules[1]]


def test_a_service_error_that_is_named_as_aws_does_is_not_named_twice() -> None:
    found = state({"Resource": "Pack", "Retry": [{"ErrorEquals": [FAULTS[1], "ServiceError"]}]})

    assert sorted(found["Retry"][0]["ErrorEquals"]) == sorted(["ServiceError", *FAULTS])


def test_tasks_are_found_at_any_depth() -> None:
    inner = machine({"Resource": "Pack", "Retry": [{"ErrorEquals": ["ServiceError"]}]})
    definition: dict[str, Any] = {
        "StartAt": "Fan",
        "States": {
            "Fan": {"Type": "Parallel", "Branches": [inner, {"StartAt": "Each", "States": {}}], "Next": "Each"},
            "Each": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **inner}, "Next": "Old"},
            "Old": {
                "Type": "Map",
                "Iterator": inner,
                "Retry": [{"ErrorEquals": ["ServiceError"]}],
                "Comment": "kept",
                "End": True,
            },
        },
    }
    states = emitted(definition).content["States"]
    found = [states["Fan"]["Branches"][0], states["Each"]["ItemProcessor"], states["Old"]["Iterator"]]

    assert all(one["States"]["Do"]["Resource"].endswith(":function:shop-dev-Pack") for one in found)
    assert all(FAULTS[0] in one["States"]["Do"]["Retry"][0]["ErrorEquals"] for one in found)
    assert states["Each"]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert FAULTS[0] in states["Old"]["Retry"][0]["ErrorEquals"]
    assert states["Old"]["Comment"] == "kept"
    assert states["Fan"]["Branches"][1] == {"StartAt": "Each", "States": {}}


def test_the_language_of_a_state_within_is_that_of_what_is_around_it() -> None:
    branch = machine({"Resource": "Pack"})
    definition = {
        "StartAt": "Fan",
        "QueryLanguage": "JSONata",
        "States": {"Fan": {"Type": "Parallel", "Branches": [branch], "End": True}},
    }
    (made,) = emitted(definition).content["States"]["Fan"]["Branches"]

    assert made["States"]["Do"]["Arguments"]["isthmus-task"]["input"] == "{% $states.input %}"


def test_a_state_that_follows_takes_a_name_that_nobody_has() -> None:
    long = "x" * 80
    definition: dict[str, Any] = machine({"Resource": "Child.sync", "ResultPath": "$.r", "Next": "Do (its output)"})
    definition["States"]["Do"].pop("End")
    definition["States"]["Do (its output)"] = {
        "Type": "Task",
        "Resource": "Child.sync",
        "ResultPath": "$.s",
        "Next": long,
    }
    definition["States"][long] = {"Type": "Task", "Resource": "Child.sync", "ResultPath": "$.t", "End": True}
    states = emitted(definition).content["States"]
    visited: list[str] = []
    name = "Do"
    while name:
        visited.append(name)
        name = states[name].get("Next", "")

    assert len(visited) == len(states) == 6
    assert all(len(name) <= 80 for name in states)
    assert [states[name]["Type"] for name in visited] == ["Task", "Pass"] * 3


def test_a_state_that_follows_has_a_name_that_no_state_of_any_machine_has() -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html"""
    branch = {"StartAt": "Do (its output)", "States": {"Do (its output)": {"Type": "Pass", "End": True}}}
    definition = machine({"Resource": "Child.sync", "ResultPath": "$.r", "End": False, "Next": "Fan"})
    definition["States"]["Fan"] = {"Type": "Parallel", "Branches": [branch], "End": True}

    assert list(emitted(definition).content["States"]) == ["Do", "Do (its output) 2", "Fan"]


def test_the_text_is_short_and_may_have_any_letter() -> None:
    made = emitted({"Comment": "größer", **machine({"Resource": "Pack"})})

    assert '"Comment":"größer"' in made.text
    assert json.loads(made.text) == made.content


def definitions() -> list[Path]:
    return sorted(CORPUS.glob("*/asl_definitions/*.json")) if CORPUS.exists() else []


@pytest.mark.skipif(not definitions(), reason="outside data: ../shared/corpus is not there")
def test_what_has_no_neutral_form_is_unchanged() -> None:
    for path in definitions():
        document = json.loads(path.read_bytes())
        if is_mapping(document) and "StartAt" in document and is_mapping(document.get("States")):
            made = emitted(document)

            assert made.content == document, path.name
            assert made.faults == []


@pytest.mark.parametrize(
    "fields",
    [
        {"Resource": 5},
        {"Resource": "Pack", "Parameters": None},
        {"Resource": "Pack", "Retry": "x", "Catch": [3, {"ErrorEquals": "ServiceError"}, {"ErrorEquals": None}]},
        {"Resource": "Pack", "Retry": [{"ErrorEquals": ["ServiceError", {"no": "name"}]}]},
        {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": [1]},
        {"Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": 5}},
        {"Resource": "Work", "ResultSelector": 3, "Assign": [None]},
        {"Resource": "Child.sync", "ResultSelector": {"a.$": 5}, "OutputPath": 5},
        {"Resource": "Child.sync", "ResultPath": 5},
        {"Resource": "Child.sync", "OutputPath": 5},
    ],
    ids=str,
)
def test_what_makes_no_sense_breaks_nothing_here(fields: Any) -> None:
    assert emitted(machine(fields)).content["StartAt"] == "Do"


def spread(**fields: Any) -> dict[str, Any]:
    """Return a definition of one Map whose iterations are executions of their own."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        **machine({"Resource": "Pack"}),
    }
    return {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def test_a_map_that_is_distributed_reads_and_writes_buckets_by_their_real_names() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject"}
    definition = spread(
        ItemReader={**reader, "Parameters": {"Bucket": "Files", "Key.$": "$.key"}},
        ResultWriter={**writer, "Parameters": {"Bucket": "Files", "Prefix": "out"}},
    )
    found = emitted(definition).content["States"]["All"]

    assert found["ItemReader"] == {**reader, "Parameters": {"Bucket": "shop-dev-Files", "Key.$": "$.key"}}
    assert found["ResultWriter"] == {**writer, "Parameters": {"Bucket": "shop-dev-Files", "Prefix": "out"}}
    assert found["ItemProcessor"]["States"]["Do"]["Resource"].endswith("shop-dev-Pack")


@pytest.mark.parametrize("name", ["Nowhere", "Work", 5])
def test_a_bucket_that_there_is_not_is_told_with_the_maps_place(name: Any) -> None:
    (fault,) = emitted(spread(ItemReader={"Parameters": {"Bucket": name}})).faults

    assert fault.pointer == "/States/All"
    assert repr(name) in fault.what
