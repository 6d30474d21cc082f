"""What the function of a workflow does: integrations over the linked clients, failures by the language's names."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import BadRequestError, ConditionFailedError, ServiceError
from isthmus.testing.factories import linked
from isthmus_gcp.events.task import NamedFailureError
from isthmus_gcp.workflow_tasks import handle


class Sent:
    """A queue or a topic that remembers what was sent."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.sent: list[tuple[Any, Any]] = []
        self._fault = fault

    def send(self, body: Any, **options: Any) -> str:
        if self._fault is not None:
            raise self._fault
        self.sent.append((body, options))
        return "m-1"

    publish = send


class Refusing:
    """A table that refuses whatever it is asked."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> Any:
            raise self._fault

        return refuse


def do(payload: Any, **clients: Any) -> Any:
    with linked(**clients):
        return handle(payload)


def test_a_neutral_message_is_sent_as_it_is() -> None:
    line = Sent()

    assert do({"resource": "Line", "action": "send", "arguments": {"a": 1}}, Line=line) == {"MessageId": "m-1"}
    assert line.sent == [({"a": 1}, {})]


def test_an_integration_takes_and_returns_what_the_service_does() -> None:
    news = Sent()
    arguments = {"TopicArn": "arn:aws:sns:us-east-1:1:other", "Message": {"a": 1}}
    answer = do({"resource": "News", "action": "publish", "arguments": arguments}, News=news)

    assert answer["MessageId"] == "m-1"
    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert news.sent[0][0] == {"a": 1}


def test_the_form_of_an_sdk_has_no_metadata() -> None:
    arguments = {"TopicArn": "News", "Message": "a"}
    told = {"resource": "News", "action": "publish", "arguments": arguments, "form": "sdk"}

    assert do(told, News=Sent()) == {"MessageId": "m-1"}


def test_events_go_to_the_one_topic_that_the_task_was_compiled_for() -> None:
    news = Sent()
    entry = {"EventBusName": "whatever", "Source": "shop", "DetailType": "Placed", "Detail": {"a": 1}}
    answer = do({"resource": "News", "action": "putEvents", "arguments": {"Entries": [entry]}}, News=news)
    ((body, options),) = news.sent

    assert answer["Entries"] == [{"EventId": body["id"]}]
    assert options["attributes"] == {"source": "shop", "detail-type": "Placed"}


@pytest.mark.parametrize(
    ("fault", "form", "error"),
    [
        (ConditionFailedError("no"), "", "DynamoDB.ConditionalCheckFailedException"),
        (ConditionFailedError("no"), "sdk", "DynamoDb.ConditionalCheckFailedException"),
        (ServiceError("later"), "", "DynamoDB.SdkClientException"),
    ],
)
def test_a_failure_is_told_by_the_name_that_the_language_has_for_it(fault: Exception, form: str, error: str) -> None:
    arguments = {"TableName": "Items", "Item": {"id": {"S": "a"}}}
    payload = {"resource": "Items", "action": "putItem", "arguments": arguments, "form": form}

    with pytest.raises(NamedFailureError) as caught:
        do(payload, Items=Refusing(fault))
    assert caught.value.type == error


@pytest.mark.parametrize("arguments", [None, [], "x", {}, {"Nonsense": 1}, {"TopicArn": "News"}])
def test_arguments_that_make_no_sense_are_the_documents_fault(arguments: Any) -> None:
    with pytest.raises(NamedFailureError) as caught:
        do({"resource": "News", "action": "publish", "arguments": arguments}, News=Sent())
    assert caught.value.type == "SNS.AmazonSNSException"


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "x",
        {},
        {"action": "send"},
        {"resource": "Line"},
        {"resource": 7, "action": "send"},
        {"resource": "Line", "action": 7},
        {"resource": "Line", "action": "send", "form": 7},
    ],
    ids=repr,
)
def test_what_no_workflow_of_ours_has_sent_is_refused(payload: Any) -> None:
    line = Sent()

    with pytest.raises(BadRequestError):
        do(payload, Line=line)
    assert line.sent == []


def test_a_resource_that_it_is_not_linked_to_is_out_of_reach() -> None:
    with pytest.raises(Exception, match="Other"):
        do({"resource": "Other", "action": "send", "arguments": {}}, Line=Sent())


@pytest.mark.parametrize("resource", ["App", "__class__", "__dict__"])
def test_nothing_but_clients_is_reached_by_a_name(resource: str) -> None:
    with pytest.raises((NamedFailureError, LookupError)):
        do({"resource": resource, "action": "send", "arguments": {}}, Line=Sent())
