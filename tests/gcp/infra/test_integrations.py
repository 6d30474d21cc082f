"""The function of a workflow's own, which does what no connector can: who it is, what it may do, and who calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import ACCOUNT, Deployed
from tests.gcp.infra.shops import HANDLERS, address, identity, member, shop

SERVICE = "serviceIamMember:ServiceIamMember"
PROJECT = "projects/iAMMember:IAMMember"
TABLE = {"TableName": "Items", "Key": {"id": {"S.$": "$.id"}}}


def task(resource: str, arguments: Any = None) -> dict[str, Any]:
    given = {} if arguments is None else {"Parameters": arguments}
    return {"Type": "Task", "Resource": resource, **given}


def keep(*tasks: Mapping[str, Any]) -> Callable[[Target], App]:
    """Return an app with a workflow of tasks, one after the other."""
    names = [f"S{number}" for number in range(len(tasks))]
    following: list[dict[str, Any]] = [*({"Next": name} for name in names[1:]), {"End": True}]
    states = {name: {**state, **then} for name, state, then in zip(names, tasks, following, strict=True)}

    def declare(app: App) -> None:
        app.table("Items", fields={"id": "string"}, primary_index="id")
        app.table("Others", fields={"id": "string"}, primary_index="id")
        app.bucket("Files")
        app.topic("News")
        app.queue("Work")
        app.queue("Later", delay=5)
        app.workflow("Keep", {"StartAt": names[0], "States": states})
        app.workflow("Plain", {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})

    return shop(declare)


def links(found: Deployed) -> dict[str, list[str]]:
    """Return what the function is linked to, and the verbs of each link."""
    return {name: list(link[2]) for name, link in identity(found, "Keep-tasks").get("links", {}).items()}


@pytest.mark.parametrize(
    ("action", "arguments", "granted"),
    [
        ("dynamodb:getItem", TABLE, {"Items": ["read"]}),
        ("dynamodb:putItem", {"TableName": "Items", "Item": {}}, {"Items": ["read", "write"]}),
        ("dynamodb:updateItem", TABLE, {"Items": ["read", "write"]}),
        ("dynamodb:deleteItem", TABLE, {"Items": ["read", "write"]}),
        ("aws-sdk:dynamodb:query", {"TableName": "Items"}, {"Items": ["read"]}),
        ("aws-sdk:s3:getObject", {"Bucket": "Files", "Key": "a"}, {"Files": ["read"]}),
        ("aws-sdk:s3:putObject", {"Bucket": "Files", "Key": "a", "Body": "b"}, {"Files": ["write"]}),
        ("sqs:sendMessage", {"QueueUrl": "Work", "MessageBody": "a"}, {"Work": ["send"]}),
        ("sns:publish", {"TopicArn": "News", "Message": "a"}, {"News": ["publish"]}),
        ("events:putEvents", {"Entries": [{"EventBusName": "News"}]}, {"News": ["publish"]}),
    ],
)
def test_it_is_linked_to_what_the_task_names_by_the_verbs_of_its_action_alone(
    action: str, arguments: Any, granted: Mapping[str, Any]
) -> None:
    assert links(deployed(keep(task(f"arn:aws:states:::{action}", arguments)))) == granted


def test_several_tasks_share_it_and_each_adds_its_verbs() -> None:
    found = deployed(
        keep(
            task("arn:aws:states:::dynamodb:getItem", TABLE),
            task("arn:aws:states:::dynamodb:putItem", {"TableName": "Items", "Item": {}}),
            task("arn:aws:states:::dynamodb:getItem", {**TABLE, "TableName": "Others"}),
            task("Work"),
        )
    )

    assert links(found) == {"Items": ["read", "write"], "Others": ["read"]}
    assert [one.name for one in found.of("function:Function")] == ["Keep-tasks-function"]


def test_a_queue_that_delays_its_messages_is_sent_to_by_it() -> None:
    assert links(deployed(keep(task("Later")))) == {"Later": ["send"]}


@pytest.mark.parametrize("resource", ["Work", "News", "Plain", "Plain.sync"])
def test_what_the_workflow_does_itself_needs_no_function(resource: str) -> None:
    assert deployed(keep(task(resource))).of("function:Function") == []


def test_only_its_workflow_and_itself_may_call_it() -> None:
    found = deployed(keep(task("arn:aws:states:::dynamodb:getItem", TABLE)))
    service = found.named("Keep-tasks-function").inputs["name"]
    callers = {one.inputs["member"] for one in found.of(SERVICE) if one.inputs["name"] == service}

    assert callers == {member(found, "Keep"), member(found, "Keep-tasks")}
    assert all(one.inputs["role"] == "roles/run.invoker" for one in found.of(SERVICE))
    assert f"url: '{address(found, 'Keep-tasks')}'" in found.named("Keep-workflow").inputs["sourceContents"]


def test_the_workflow_has_no_right_to_the_data_itself() -> None:
    found = deployed(keep(task("arn:aws:states:::dynamodb:putItem", {"TableName": "Items", "Item": {}})))
    of_project = {one.inputs["role"] for one in found.of(PROJECT) if one.inputs["member"] == member(found, "Keep")}
    own = [one.inputs for one in found.of(PROJECT) if one.inputs["member"] == member(found, "Keep-tasks")]
    database = next(one.inputs["name"] for one in found.of("database:Database") if "tables" in one.name)

    assert of_project == {"roles/logging.logWriter"}
    assert [(one["role"], one["condition"]["expression"]) for one in own] == [
        ("roles/datastore.user", f'resource.name == "projects/{ACCOUNT}/databases/{database}"')
    ]


def test_it_is_known_as_what_it_is() -> None:
    document = identity(deployed(keep(task("arn:aws:states:::dynamodb:getItem", TABLE))), "Keep-tasks")

    assert document["handler"] == "isthmus_gcp.workflow_tasks.handle"
    assert document["triggers"] == ["task"]
    assert (document["function"], document["timeout"]) == ("Keep-tasks", 60)


def test_a_function_of_the_app_cannot_take_its_name() -> None:
    def declare(app: App) -> None:
        app.function("Keep-tasks", f"{HANDLERS}.anything")

    assert "Keep-tasks" in refused(shop(declare))
