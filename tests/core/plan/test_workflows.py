"""Workflows: their definitions, the functions that are made for them, and what their tasks name."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from tests.core.plan.app import HANDLERS, planned, problems

ANYTHING = f"{HANDLERS}.anything"


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def test_a_function_is_made_for_each_handlers_path_once() -> None:
    def declare(app: App) -> None:
        definition = machine(A={**task(ANYTHING), "End": False, "Next": "B"}, B=task(ANYTHING))
        del definition["States"]["A"]["End"]
        app.workflow("Process", definition, memory=256, timeout=7)

    (function,) = planned(declare).functions

    assert (function.handler, function.memory, function.timeout) == (ANYTHING, 256, 7)
    assert planned(declare).identities[function.name].triggers == ("task",)


def test_a_handlers_path_means_the_function_that_is_declared_for_it() -> None:
    def declare(app: App) -> None:
        app.function("Worker", ANYTHING)
        app.workflow("Process", machine(A=task(ANYTHING)))

    assert [function.name for function in planned(declare).functions] == ["Worker"]
    assert planned(declare).identities["Worker"].triggers == ("task",)


def test_a_document_with_names_of_its_own_works_by_a_mapping() -> None:
    def declare(app: App) -> None:
        arn = "arn:aws:lambda:us-east-1:123456789012:function:validateOrder"
        stock = app.table("Stock", fields={"item": "string"}, primary_index="item")
        get = {"TableName": "legacy-stock", "Key": {"item": {"S.$": "$.item"}}}
        first = {"Type": "Task", "Resource": arn, "Next": "B"}
        definition = machine(A=first, B=task("arn:aws:states:::dynamodb:getItem", Parameters=get))
        app.workflow("Process", definition, bind={"validateOrder": ANYTHING, "legacy-stock": stock})

    assert problems(declare) == []
    assert [function.handler for function in planned(declare).functions] == [ANYTHING]


def test_a_service_that_no_app_has_may_be_done_by_a_handler() -> None:
    def declare(app: App) -> None:
        detect = "arn:aws:states:::aws-sdk:rekognition:detectLabels"
        first = {"Type": "Task", "Resource": detect, "Parameters": {"Image.$": "$.image"}, "Next": "B"}
        job = task("arn:aws:states:::batch:submitJob.sync")
        app.workflow(
            "Process", machine(A=first, B=job), bind={detect: ANYTHING, "arn:aws:states:::batch:submitJob": ANYTHING}
        )

    assert problems(declare) == []
    assert [function.handler for function in planned(declare).functions] == [ANYTHING]


def test_a_resource_may_be_declared_after_the_workflow_that_names_it() -> None:
    def declare(app: App) -> None:
        app.workflow("Process", machine(A=task("Work")))
        app.queue("Work")

    assert problems(declare) == []


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        ("Worrk", "there is no function, queue, topic or workflow 'Worrk': did you mean 'Work'?"),
        ("Nothing", "declare it, or say what it stands for: app.workflow(…, bind={'Nothing': …})"),
        ("Orders", "'Orders' is a table, which no task can call"),
        ("Work.sync", "'Work' is a queue: .sync waits for workflows alone"),
        ("arn:aws:states:::batch:submitJob", "no resource of an app stands for it"),
        ("arn:aws:lambda:us-east-1:123456789012:function:Work", "is a queue, where a function is called"),
    ],
)
def test_what_a_task_names_must_be_there(resource: str, fault: str) -> None:
    def declare(app: App) -> None:
        app.queue("Work")
        app.table("Orders", fields={"id": "string"}, primary_index="id")
        app.workflow("Process", machine(A=task(resource)))

    (found,) = problems(declare)

    assert "workflow 'Process': /States/A: " in found
    assert fault in found


def test_a_name_that_is_computed_is_refused_since_nothing_could_be_granted() -> None:
    def declare(app: App) -> None:
        put = {"TableName.$": "$.table", "Item": {"id": {"S": "x"}}}
        app.workflow("Process", machine(A=task("arn:aws:states:::dynamodb:putItem", Parameters=put)))

    assert "/States/A: the name of its table is computed" in problems(declare)[0]


def test_five_mistakes_are_five_problems() -> None:
    states = {
        "A": {"Type": "Task", "Resource": "Worrk", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.x", "NumericEqals": 1, "Next": "C"}], "Default": "D"},
        "C": {"Type": "Pass", "InputPath": "$.x[", "Next": "Gone"},
        "D": {"Type": "Wait", "Seconds": -1, "End": True},
    }

    def declare(app: App) -> None:
        app.queue("Work")
        app.workflow("Process", {"StartAt": "A", "States": states})

    found = problems(declare)

    assert len(found) == 5, found
    for pointer in ("/States/A", "/States/B/Choices/0", "/States/C/InputPath", "/States/C/Next", "/States/D"):
        assert any(f": {pointer}" in problem for problem in found), (pointer, found)


def test_a_fifo_queue_is_not_sent_to_by_its_plain_name() -> None:
    def declare(app: App) -> None:
        app.queue("Line", fifo=True)
        app.workflow("Process", machine(A=task("Line")))

    assert "/States/A: queue 'Line' is a FIFO queue" in problems(declare)[0]


@pytest.mark.parametrize("bind", [7, ["x"], {"x": 7}, {7: "x"}], ids=repr)
def test_a_mapping_of_the_wrong_form_is_refused(bind: Any) -> None:
    found = problems(lambda app: app.workflow("Process", machine(A={"Type": "Succeed"}), bind=bind))

    assert len(found) == 1
    assert "bind maps" in found[0]


def test_a_name_cannot_be_bound_to_a_resource_of_another_app() -> None:
    other = App("bank").function("Pay", ANYTHING)
    found = problems(lambda app: app.workflow("Process", machine(A=task("pay")), bind={"pay": other}))

    assert len(found) == 1
    assert "'Pay'" in found[0]
    assert "belongs to another app" in found[0]


def test_a_workflow_is_linked_by_what_is_done_with_it() -> None:
    def declare(app: App) -> None:
        process = app.workflow("Process", machine(A={"Type": "Succeed"}))
        app.function("Starter", ANYTHING, link=[process.start, process.read])
        app.function("Clerk", ANYTHING, link=[process.complete])

    identities = planned(declare).identities

    assert identities["Starter"].links["Process"].verbs == ("start", "read")
    assert identities["Clerk"].links["Process"].verbs == ("complete",)
    assert isinstance(planned(declare).functions[0], Function)
