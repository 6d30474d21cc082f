"""Functions, workflows and objects: what an integration says of them, and what of it is ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.workflow_execution import WorkflowExecution
from isthmus.workflows.integrations.function import invoked, payload
from isthmus.workflows.integrations.integrate import integrate, unsupported
from isthmus.workflows.resource_uris import known_as, resolve
from isthmus.workflows.states_error import StatesError
from isthmus_local.testbed import LocalTestbed
from tests.core.workflows.integrations.conftest import JUNK, Do, failure_of

INVOKE, START = "lambda:invoke", "states:startExecution"
GET, PUT = "aws-sdk:s3:getObject", "aws-sdk:s3:putObject"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Bill"


def test_a_function_is_called_with_its_payload(do: Do) -> None:
    answer = do(INVOKE, {"FunctionName": "Double", "Payload": {"n": 21}})

    assert answer["Payload"] == {"n": 42}
    assert answer["StatusCode"] == 200


def test_the_services_own_form_of_a_call_speaks_json_as_text(do: Do) -> None:
    answer = do("aws-sdk:lambda:invoke", {"FunctionName": "Double:live", "Payload": '{"n": 21}'})

    assert answer == {"ExecutedVersion": "$LATEST", "Payload": '{"n": 42}', "StatusCode": 200}


def test_an_event_is_only_accepted(do: Do) -> None:
    answer = do(INVOKE, {"FunctionName": "Double", "Payload": {"n": 1}, "InvocationType": "Event"})

    assert answer["StatusCode"] == 202


def test_what_a_function_raises_fails_the_task_by_its_name(do: Do) -> None:
    with pytest.raises(StatesError) as failed:
        do(INVOKE, {"FunctionName": "Double", "Payload": {}})

    assert failed.value.error == "KeyError"
    assert json.loads(failed.value.cause)["errorType"] == "KeyError"


def test_an_engine_of_its_own_forms_payload_and_result_alike() -> None:
    integration, neutral = resolve(f"arn:aws:states:::{INVOKE}"), resolve("functions.double.double")

    assert payload(integration, {"FunctionName": "Double", "Payload": [1]}) == [1]
    assert payload(integration, {"FunctionName": "Double"}) == {}
    assert payload(neutral, [1]) == [1]
    assert invoked(integration, None) == {"ExecutedVersion": "$LATEST", "Payload": None, "StatusCode": 200}
    assert invoked(neutral, None) is None


class Bill:
    """A workflow whose executions end when they have been looked at twice."""

    name = "Bill"

    def __init__(self, status: str = "SUCCEEDED") -> None:
        self.started: list[tuple[Any, str | None]] = []
        self.looks = 0
        self.status = status

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        self.started.append((input, name))
        return "execution-1"

    def describe(self, execution: str) -> WorkflowExecution:
        self.looks += 1
        ended = self.looks > 1
        return WorkflowExecution(
            id=execution,
            name="first",
            status=self.status if ended else "RUNNING",
            started=1000.0,
            stopped=1001.5 if ended else None,
            input={"n": 1},
            output={"paid": True} if self.status == "SUCCEEDED" else None,
            error="" if self.status == "SUCCEEDED" else "Broke",
            cause="" if self.status == "SUCCEEDED" else "no money",
        )


@pytest.mark.parametrize(("given", "expected"), [({"n": 1}, {"n": 1}), ('{"n": 1}', {"n": 1}), (None, {}), ("7", 7)])
def test_an_execution_is_started_with_json(given: Any, expected: Any) -> None:
    bill = Bill()

    answer = integrate(
        resolve(f"arn:aws:states:::{START}"),
        {"StateMachineArn": MACHINE, "Input": given, "Name": "first"},
        {MACHINE: bill}.__getitem__,
    )

    assert bill.started == [(expected, "first")]
    assert answer["ExecutionArn"] == "execution-1"
    assert {"StartDate", "SdkHttpMetadata", "SdkResponseMetadata"} < set(answer)


@pytest.mark.parametrize(("suffix", "output"), [(".sync", '{"paid": true}'), (".sync:2", {"paid": True})])
def test_an_execution_that_was_waited_for_is_described(suffix: str, output: Any) -> None:
    answer = integrate(
        resolve(f"arn:aws:states:::{START}{suffix}"), {"StateMachineArn": MACHINE}, {MACHINE: Bill()}.__getitem__
    )

    assert answer["Output"] == output
    assert answer["Status"] == "SUCCEEDED"
    assert answer["Input"] == '{"n": 1}'
    assert (answer["StartDate"], answer["StopDate"]) == (1_000_000, 1_001_500)


def test_a_neutral_task_comes_to_the_output_of_the_execution_it_waited_for() -> None:
    bill = Bill()

    assert integrate(known_as(resolve("Bill"), "workflow"), {"n": 1}, lambda _: bill) == {"ExecutionArn": "execution-1"}
    assert integrate(known_as(resolve("Bill.sync"), "workflow"), {"n": 1}, lambda _: bill) == {"paid": True}


@pytest.mark.parametrize("resource", [f"arn:aws:states:::{START}.sync:2", "Bill.sync"])
def test_an_execution_that_failed_fails_the_task_that_waited_for_it(resource: str) -> None:
    with pytest.raises(StatesError) as failed:
        integrate(
            known_as(resolve(resource), "workflow"), {"StateMachineArn": MACHINE}, lambda _: Bill(status="FAILED")
        )

    cause = json.loads(failed.value.cause)
    assert failed.value.error == "States.TaskFailed"
    assert (cause["Error"], cause["Cause"], cause["Status"]) == ("Broke", "no money", "FAILED")


def test_an_input_that_is_no_json_is_refused() -> None:
    with pytest.raises(StatesError, match="Input is JSON") as failed:
        integrate(
            resolve(f"arn:aws:states:::{START}"),
            {"StateMachineArn": MACHINE, "Input": "no"},
            {MACHINE: Bill()}.__getitem__,
        )

    assert failed.value.error == "StepFunctions.AWSStepFunctionsException"


@pytest.mark.parametrize(("body", "text"), [("héllo", "héllo"), ({"a": 1}, '{"a":1}')])
def test_an_object_comes_back_as_it_was_put(do: Do, body: Any, text: str) -> None:
    where = {"Bucket": "arn:aws:s3:::Files", "Key": "a/b.txt"}

    put = do(PUT, {**where, "Body": body, "ContentType": "text/plain", "Metadata": {"by": "ada"}})
    got = do(GET, where)

    assert got["Body"] == text
    assert got["ETag"] == put["ETag"]
    assert got["ContentLength"] == len(text.encode())
    assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"by": "ada"})


@pytest.mark.parametrize(
    ("resource", "arguments", "error", "message"),
    [
        (GET, {"Key": "nothing"}, "S3.NoSuchKeyException", "nothing"),
        (GET, {"Key": "large"}, "States.DataLimitExceeded", "262,144"),
        (GET, {"Key": "binary"}, "S3.S3Exception", "no text in UTF-8"),
        (GET, {"Key": "a", "Range": "bytes=0-1"}, "S3.S3Exception", "'Range' is not supported"),
        (PUT, {"Key": "a"}, "S3.S3Exception", "Body is missing"),
        (PUT, {"Key": "../a", "Body": "x"}, "S3.S3Exception", "climb"),
        (PUT, {"Key": "binary", "Body": "x", "IfNoneMatch": "*"}, "S3.S3Exception", "binary"),
    ],
)
def test_an_object_that_a_state_cannot_hold_is_refused(
    do: Do, testbed: LocalTestbed, resource: str, arguments: dict[str, Any], error: str, message: str
) -> None:
    testbed.resource("Files").put("large", b"x" * 262_145)
    testbed.resource("Files").put("binary", b"\xff\xfe")

    with pytest.raises(StatesError, match=message) as failed:
        do(resource, {"Bucket": "Files", **arguments})

    assert failed.value.error == error


@pytest.mark.parametrize(
    ("resource", "document", "problems"),
    [
        ("dynamodb:getItem", {"TableName": "Users", "Key.$": "$.key"}, []),
        ("dynamodb:getItem", {"TableName": "Users", "Key": {}, "AttributesToGet": ["a"]}, ["'AttributesToGet'"]),
        ("dynamodb:putItem", {"ReturnValues": "ALL_OLD"}, ["ReturnValues 'ALL_OLD'"]),
        ("dynamodb:updateItem", {"UpdateExpression": "SET #a = list_append(#a, :x)"}, ["list_append"]),
        ("dynamodb:updateItem", {"UpdateExpression": "SET #a = :x", "ExpressionAttributeNames.$": "$.names"}, []),
        ("dynamodb:updateItem", {"UpdateExpression": "{% $expression %}"}, []),
        ("dynamodb:deleteItem", {"ConditionExpression": "size(a) > :x", "Expected": {}}, ["'Expected'", "size()"]),
        ("aws-sdk:dynamodb:query", {"KeyConditionExpression": "a = :a AND b > :b"}, ["inclusive"]),
        ("sns:publish", {"PhoneNumber.$": "$.phone", "Message": "x"}, ["'PhoneNumber'"]),
        ("lambda:invoke", "{% $states.input %}", []),
        ("lambda:invoke", None, []),
        ("lambda:invoke", {"FunctionName": "f", "Payload.$": "$", "Other": 1}, ["'Other'"]),
        ("http:invoke", {"ApiEndpoint": "https://a", "Authentication": {}}, ["'Authentication'"]),
        ("events:putEvents", {"Entries": [{"EventBusName": "a"}]}, []),
    ],
)
def test_what_cannot_be_expressed_is_told_before_anything_runs(
    resource: str, document: Any, problems: list[str]
) -> None:
    found = unsupported(resolve(f"arn:aws:states:::{resource}"), document)

    assert len(found) == len(problems), found
    assert all(problem in text for problem, text in zip(problems, found, strict=True))


PLACES: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "sqs:sendMessage",
        {"QueueUrl": "Work", "MessageBody": "x"},
        ["QueueUrl", "MessageBody", "MessageAttributes", "DelaySeconds", "MessageGroupId"],
    ),
    (
        "sns:publish",
        {"TopicArn": "News", "Message": "x"},
        ["TopicArn", "Message", "MessageAttributes", "Subject"],
    ),
    ("events:putEvents", {}, ["Entries"]),
    (PUT, {"Bucket": "Files", "Key": "junk", "Body": "x"}, ["Key", "Body", "ContentType", "Metadata"]),
    (INVOKE, {"FunctionName": "Double", "Payload": {"n": 1}}, ["FunctionName", "InvocationType"]),
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize(
    ("resource", "given", "argument"),
    [(resource, given, argument) for resource, given, names in PLACES for argument in names],
)
def test_junk_fails_by_the_services_name_or_does_nothing(
    do: Do, resource: str, given: dict[str, Any], argument: str, junk: Any
) -> None:
    failed = failure_of(do, resource, {**given, argument: junk})

    assert failed.partition(".")[0] in ("", "SQS", "SNS", "EventBridge", "S3", "Lambda")


def test_a_neutral_task_takes_whatever_it_is_given() -> None:
    assert unsupported(known_as(resolve("Orders"), "queue"), {"anything": 1}) == []
