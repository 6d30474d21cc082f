"""Definitions that Step Functions does not take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.rules.planning import HANDLERS, problems

ENDS = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": resource, "End": True, **fields}}}


def told(definition: Mapping[str, Any], **options: Any) -> list[str]:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        app.queue("Work")
        app.queue("Line", fifo=True)
        app.topic("News")
        app.workflow("Child", ENDS)
        app.workflow("Quick", ENDS, express=True)
        app.workflow("Main", definition, **options)

    return problems(declare)


@pytest.mark.parametrize("resource", ["Pack", "Work", "News", "Child", "Child.sync", "Pack.waitForTaskToken"])
def test_what_step_functions_has_is_no_problem(resource: str) -> None:
    assert told(task(resource)) == []


def test_a_definition_may_have_a_megabyte() -> None:
    (what,) = told({"Comment": "x" * 1024 * 1024, **ENDS})

    assert "1,048,576" in what
    assert told({"Comment": "é" * 500_000, **ENDS}) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Resource": "Line"}, "MessageGroupId"),
        ({"Resource": "Quick.sync"}, "is express"),
        ({"Resource": "http.waitForTaskToken", "Parameters": {"ApiEndpoint": "https://a.test"}}, "call a function"),
        ({"Resource": "http", "Parameters": {"ApiEndpoint": "http://a.test", "Method": "GET"}}, "https:// alone"),
        ({"Resource": "Work", "ResultSelector": {"a.$": "$.Other"}}, "read '$.MessageId'"),
    ],
)
def test_a_task_that_step_functions_has_no_form_for_is_told_with_its_place(fields: Any, said: str) -> None:
    (what,) = told(task(**{"resource": fields["Resource"]}, **{k: v for k, v in fields.items() if k != "Resource"}))

    assert what.startswith("workflow 'Main': /States/Do: ")
    assert said in what


@pytest.mark.parametrize("resource", ["Child.sync", "Pack.waitForTaskToken", "Work.waitForTaskToken"])
def test_an_express_workflow_waits_for_nothing(resource: str) -> None:
    (what,) = told(task(resource), express=True)

    assert what.startswith("workflow 'Main': /States/Do: an express workflow cannot wait")


def test_an_express_workflow_runs_for_five_minutes() -> None:
    assert told({"TimeoutSeconds": 300, **ENDS}, express=True) == []
    assert "/TimeoutSeconds: an express" in told({"TimeoutSeconds": 301, **ENDS}, express=True)[0]


def test_an_express_workflow_has_no_activities_and_distributes_nothing() -> None:
    activity = task("arn:aws:states:us-east-1:1:activity:a")
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **task("Pack")}
    spread = {"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": processor, "End": True}}}

    assert any("no activities" in what for what in told(activity, express=True))
    assert any(what.startswith("workflow 'Main': /States/All: ") for what in told(spread, express=True))
    assert not any("distribute" in what for what in told(spread))


def test_every_fault_is_told_at_once() -> None:
    states = {
        "A": {"Type": "Task", "Resource": "Line", "Next": "B"},
        "B": {"Type": "Task", "Resource": "Quick.sync", "Next": "C"},
        "C": {"Type": "Task", "Resource": "Packk", "End": True},
    }
    found = told({"StartAt": "A", "States": states})

    assert [next(name for name in "ABC" if f"/States/{name}:" in what) for what in sorted(found)] == ["A", "B", "C"]
    assert "did you mean 'Pack'?" in sorted(found)[2]


@pytest.mark.parametrize("of", ["EXPRESS", "STANDARD"])
def test_the_express_executions_of_a_map_wait_for_nothing_either(of: str) -> None:
    def spread(name: str, each: Mapping[str, Any]) -> dict[str, Any]:
        processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": of}, **each}
        return {"StartAt": name, "States": {name: {"Type": "Map", "ItemProcessor": processor, "End": True}}}

    waiting = told(spread("All", task("Work.waitForTaskToken")))
    inner = told(spread("All", spread("Inner", task("Pack"))))

    if of == "STANDARD":
        assert waiting == inner == []
    else:
        assert [what.partition(" cannot ")[2] for what in (*waiting, *inner)] == [
            "wait for a token (.waitForTaskToken): make /States/All of ExecutionType STANDARD",
            "distribute a Map: make /States/All of ExecutionType STANDARD, or its ProcessorConfig",
        ]


@pytest.mark.parametrize("resource", ["arn:aws:states:::states:startExecution.sync", "Quick.sync"])
def test_nobody_waits_for_the_end_of_an_express_workflow(resource: str) -> None:
    (what,) = told(task(resource, Parameters={"StateMachineArn": "Quick"}))

    assert "'Quick' is express" in what


def test_what_the_language_does_not_take_hides_no_other_fault() -> None:
    retry = [{"ErrorEquals": ["ServiceError", {"no": "name"}]}]
    found = told(task("Pack", Retry=retry))

    assert len(found) == 1
    assert "/States/Do/Retry/0/ErrorEquals/1: must be text" in found[0]


@pytest.mark.parametrize("entry", [[{"EventBusName": "News"}], [[{"EventBusName": "News"}]]])
def test_an_event_that_is_no_object_is_told(entry: Any) -> None:
    (what,) = told(task("arn:aws:states:::events:putEvents", Parameters={"Entries": [entry]}))

    assert "an event is an object" in what
