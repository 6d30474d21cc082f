"""Tasks that call a service by the language's own URI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.workflow.emitting import arn, emitted, machine, state

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-dev-Work"


@pytest.mark.parametrize(
    ("integration", "naming", "said", "real"),
    [
        ("sqs:sendMessage", "QueueUrl", "Work", URL),
        ("sqs:sendMessage", "QueueUrl", "https://sqs.us-east-1.amazonaws.com/1/Work", URL),
        ("aws-sdk:sqs:sendMessage", "QueueUrl", "Work", URL),
        ("sqs:sendMessage.waitForTaskToken", "QueueUrl", "Work", URL),
        ("sns:publish", "TopicArn", "arn:aws:sns:us-east-1:1:News", arn("sns", "shop-dev-News")),
        ("dynamodb:getItem", "TableName", "Items", "shop-dev-Items"),
        ("aws-sdk:dynamodb:query", "TableName", "Items", "shop-dev-Items"),
        ("aws-sdk:s3:getObject", "Bucket", "Files", "shop-dev-Files"),
        ("states:startExecution.sync", "StateMachineArn", "Child", arn("states", "stateMachine:shop-dev-Child")),
        ("lambda:invoke", "FunctionName", "Warm", arn("lambda", "function:shop-dev-Warm:live")),
    ],
)
def test_a_name_becomes_the_real_one_and_nothing_else_changes(
    integration: str, naming: str, said: str, real: str
) -> None:
    fields = {
        "Resource": f"arn:aws:states:::{integration}",
        "ResultSelector": {"a.$": "$.b"},
        "ResultPath": "$.c",
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
    }
    arguments = {naming: said, "Other": {"deep.$": "$.x"}}
    found = state({**fields, "Parameters": arguments})

    assert found == {"Type": "Task", "End": True, **fields, "Parameters": {**arguments, naming: real}}


def test_a_name_is_found_by_what_is_bound_to_it() -> None:
    definition = machine(
        {"Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": {"TableName": "legacy-items", "Key": {}}}
    )
    made = emitted(definition, bind={"legacy-items": "Items"}).content["States"]["Do"]

    assert made["Parameters"]["TableName"] == "shop-dev-Items"


def test_a_functions_own_arn_in_a_document_is_the_bound_function() -> None:
    resource = "arn:aws:lambda:us-east-1:111122223333:function:packOrder"
    made = emitted(machine({"Resource": resource, "ResultPath": "$.r"}), bind={"packOrder": "Pack"})
    found = made.content["States"]["Do"]

    assert found["Resource"] == arn("lambda", "function:shop-dev-Pack")
    assert found["Parameters"]["isthmus-task"]["input.$"] == "$"


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({"Payload": {"a.$": "$.b"}}, {"input": {"a.$": "$.b"}}),
        ({"Payload.$": "$.b"}, {"input.$": "$.b"}),
    ],
)
def test_the_payload_of_an_invocation_is_wrapped_which_nobody_sees_but_the_functions_entry(
    arguments: Any, given: Any
) -> None:
    resource = "arn:aws:states:::lambda:invoke"
    found = state(
        {"Resource": resource, "Parameters": {"FunctionName": "Pack", **arguments}, "OutputPath": "$.Payload"}
    )
    payload = found["Parameters"].pop("Payload")["isthmus-task"]

    assert given.items() <= payload.items()
    assert payload["attempt.$"] == "$$.State.RetryCount"
    assert found["Parameters"] == {"FunctionName": arn("lambda", "function:shop-dev-Pack")}
    assert found["OutputPath"] == "$.Payload"


def test_an_invocation_without_a_payload_stays_without_one() -> None:
    resource = "arn:aws:states:::lambda:invoke"

    assert "Payload" not in state({"Resource": resource, "Parameters": {"FunctionName": "Pack"}})["Parameters"]


def test_the_same_in_jsonata() -> None:
    arguments = {"FunctionName": "Pack", "Payload": "{% $states.input %}"}
    fields = {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments}
    found = state(fields, QueryLanguage="JSONata")

    assert found["Arguments"]["Payload"]["isthmus-task"]["input"] == "{% $states.input %}"


def test_an_activity_stays_what_it_is() -> None:
    fields = {"Resource": "arn:aws:states:us-east-1:111122223333:activity:pack", "HeartbeatSeconds": 5}

    assert state(fields) == {"Type": "Task", "End": True, **fields}
