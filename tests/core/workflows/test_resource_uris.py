from __future__ import annotations

from typing import Any

import pytest

from isthmus.workflows.definition import parse
from isthmus.workflows.resource_uris import (
    UnmappedResourceError,
    error_name,
    known_as,
    last_part,
    named,
    resolve,
    task_of,
)
from isthmus.workflows.tasks import Task

ARN = "arn:aws:lambda:us-east-1:123456789012:function:validateOrder"


@pytest.mark.parametrize(
    ("resource", "task"),
    [
        (
            "functions.order_flow.validate_order",
            Task(kind="function", action="invoke", name="functions.order_flow.validate_order"),
        ),
        (
            "functions.order_flow.approve.waitForTaskToken",
            Task(kind="function", action="invoke", name="functions.order_flow.approve", pattern="callback"),
        ),
        ("functions.disk.sync", Task(kind="function", action="invoke", name="functions.disk.sync")),
        ("Orders", Task(kind="", action="", name="Orders")),
        ("Orders.sync", Task(kind="", action="", name="Orders", pattern="sync")),
        ("Orders.sync:2", Task(kind="", action="", name="Orders", pattern="sync")),
        ("order-mails.waitForTaskToken", Task(kind="", action="", name="order-mails", pattern="callback")),
        ("${OrderFunctionArn}", Task(kind="", action="", name="${OrderFunctionArn}")),
        ("http", Task(kind="http", action="request")),
        ("http.waitForTaskToken", Task(kind="http", action="request", pattern="callback")),
        (ARN, Task(kind="function", action="invoke", name=ARN)),
        (f"{ARN}:live", Task(kind="function", action="invoke", name=f"{ARN}:live")),
        (ARN.replace("aws", "aws-cn"), Task(kind="function", action="invoke", name=ARN.replace("aws", "aws-cn"))),
        (
            "arn:aws:states:eu-west-1:123456789012:activity:Sign",
            Task(kind="activity", action="work", name="arn:aws:states:eu-west-1:123456789012:activity:Sign"),
        ),
    ],
)
def test_a_resource_becomes_a_task(resource: str, task: Task) -> None:
    assert resolve(resource) == task


@pytest.mark.parametrize(
    ("resource", "kind", "action", "naming"),
    [
        ("lambda:invoke", "function", "invoke", "FunctionName"),
        ("sqs:sendMessage", "queue", "sendMessage", "QueueUrl"),
        ("sns:publish", "topic", "publish", "TopicArn"),
        ("dynamodb:getItem", "table", "getItem", "TableName"),
        ("dynamodb:putItem", "table", "putItem", "TableName"),
        ("dynamodb:updateItem", "table", "updateItem", "TableName"),
        ("dynamodb:deleteItem", "table", "deleteItem", "TableName"),
        ("events:putEvents", "topic", "putEvents", "Entries.EventBusName"),
        ("states:startExecution", "workflow", "startExecution", "StateMachineArn"),
        ("http:invoke", "http", "request", ""),
    ],
)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "${AWS::Partition}"])
def test_an_integration_of_every_partition_becomes_a_task(
    resource: str, kind: str, action: str, naming: str, partition: str
) -> None:
    task = resolve(f"arn:{partition}:states:::{resource}")

    assert task == Task(kind=kind, action=action, integrated=True, naming=naming)


@pytest.mark.parametrize(
    ("resource", "kind", "action"),
    [
        ("dynamodb:query", "table", "query"),
        ("dynamodb:getItem", "table", "getItem"),
        ("lambda:invoke", "function", "invoke"),
        ("sqs:sendMessage", "queue", "sendMessage"),
        ("sns:publish", "topic", "publish"),
        ("s3:getObject", "bucket", "getObject"),
        ("s3:putObject", "bucket", "putObject"),
        ("eventbridge:putEvents", "topic", "putEvents"),
        ("sfn:startExecution", "workflow", "startExecution"),
    ],
)
def test_an_sdk_integration_becomes_a_task_in_the_services_own_form(resource: str, kind: str, action: str) -> None:
    task = resolve(f"arn:aws:states:::aws-sdk:{resource}")

    assert (task.kind, task.action, task.form, task.integrated) == (kind, action, "sdk", True)


@pytest.mark.parametrize(
    ("suffix", "pattern", "form"),
    [("", "", ""), (".sync", "sync", ""), (".sync:2", "sync", "json"), (".waitForTaskToken", "callback", "")],
)
def test_a_suffix_says_how_the_task_waits(suffix: str, pattern: str, form: str) -> None:
    task = resolve(f"arn:aws:states:::states:startExecution{suffix}")

    assert (task.pattern, task.form) == (pattern, form)


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "foo:bar",
        "two words",
        ".sync",
        "a..b",
        "arn:",
        "arn:aws:states",
        "arn:aws:states:::",
        "arn:aws:states:::batch:submitJob.sync",
        "arn:aws:states:::dynamodb:getItem.sync",
        "arn:aws:states:::dynamodb:query",
        "arn:aws:states:::lambda:invoke.sync",
        "arn:aws:states:::aws-sdk:dynamodb:query.sync",
        "arn:aws:states:::aws-sdk:ec2:startInstances",
        "arn:aws:states:us-east-1:123456789012:lambda:invoke",
        "arn:aws:lambda:us-east-1:123456789012:function",
        "arn:aws:s3:::bucket",
        "a." * 500_000 + "a",
        "arn:" + "${" * 500_000,
        "x" * 1_000_000,
    ],
)
def test_what_nothing_stands_for_is_refused_by_a_short_message(resource: str) -> None:
    with pytest.raises(UnmappedResourceError) as refused:
        resolve(resource)

    assert len(str(refused.value)) < 1000


def test_a_refusal_says_what_is_known() -> None:
    with pytest.raises(ValueError, match=r"glue:startJobRun.*known: .*aws-sdk:dynamodb:query"):
        resolve("arn:aws:states:::glue:startJobRun")


@pytest.mark.parametrize(
    ("name", "last"),
    [
        (ARN, "validateOrder"),
        (f"{ARN}:live", "validateOrder"),
        ("123456789012:function:validateOrder:3", "validateOrder"),
        ("validateOrder:live", "validateOrder"),
        ("validateOrder", "validateOrder"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/orders", "orders"),
        ("arn:aws:sns:us-east-1:123456789012:news", "news"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", "orders"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders/index/byDay", "orders"),
        ("arn:aws:events:us-east-1:123456789012:event-bus/shop", "shop"),
        ("arn:aws:s3:::pictures", "pictures"),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:Bill", "Bill"),
        ("arn:aws:states:us-east-1:123456789012:stateMachine:Bill:live", "Bill"),
        ("arn:${AWS::Partition}:states:us-east-1:123456789012:activity:Sign", "Sign"),
        ("${OrderFunctionArn}", "${OrderFunctionArn}"),
    ],
)
def test_the_last_part_of_a_name_is_what_an_app_may_call_it(name: str, last: str) -> None:
    assert last_part(name) == last


CALLS: list[tuple[str, Any, str | None]] = [
    (
        "arn:aws:states:::sqs:sendMessage",
        {"QueueUrl": "https://q/1/orders", "MessageBody": "x"},
        "https://q/1/orders",
    ),
    ("arn:aws:states:::sqs:sendMessage", {"QueueUrl.$": "$.queue"}, None),
    ("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "{% $queue %}"}, None),
    ("arn:aws:states:::sqs:sendMessage", {"QueueUrl": {"a": 1}}, None),
    ("arn:aws:states:::sqs:sendMessage", "{% $states.input %}", None),
    ("arn:aws:states:::sqs:sendMessage", None, None),
    ("arn:aws:states:::events:putEvents", {"Entries": [{"Detail": {}}]}, "default"),
    ("arn:aws:states:::events:putEvents", {"Entries": [{"EventBusName": "a"}, {"EventBusName": "a"}]}, "a"),
    ("arn:aws:states:::events:putEvents", {"Entries": [{"EventBusName": "a"}, {"EventBusName": "b"}]}, None),
    ("arn:aws:states:::events:putEvents", {"Entries": [{"EventBusName.$": "$.bus"}]}, None),
    ("arn:aws:states:::events:putEvents", {"Entries.$": "$.entries"}, None),
    ("arn:aws:states:::http:invoke", {"ApiEndpoint": "https://a"}, None),
    (ARN, {"FunctionName": "other"}, ARN),
]


@pytest.mark.parametrize(("resource", "arguments", "name"), CALLS)
def test_what_is_called_is_named_where_the_document_says_it(resource: str, arguments: Any, name: str | None) -> None:
    assert named(resolve(resource), arguments) == name


def test_a_plain_name_becomes_what_the_declared_resource_is() -> None:
    assert known_as(resolve("Orders"), "queue") == Task(kind="queue", action="send", name="Orders")
    assert known_as(resolve("Bill.sync"), "workflow").action == "start"


@pytest.mark.parametrize(("resource", "kind"), [("Orders", "table"), ("Orders.sync", "queue")])
def test_a_plain_name_of_what_no_task_calls_is_refused(resource: str, kind: str) -> None:
    with pytest.raises(UnmappedResourceError, match="Orders"):
        known_as(resolve(resource), kind)


def test_a_state_without_a_resource_is_refused() -> None:
    definition = parse({"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": 7, "End": True}}})

    with pytest.raises(UnmappedResourceError, match="Pay"):
        task_of(definition.root.states["Pay"])


def test_an_error_is_named_as_its_form_of_integration_names_it() -> None:
    plain = resolve("arn:aws:states:::dynamodb:getItem")
    sdk = resolve("arn:aws:states:::aws-sdk:dynamodb:getItem")

    assert error_name(plain, "missing") == "DynamoDB.ResourceNotFoundException"
    assert error_name(sdk, "invalid") == "DynamoDb.DynamoDbException"
