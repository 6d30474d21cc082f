"""What a table's client does with answers that an emulator never gives; each is read by botocore's own parser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    ServiceError,
    TooLargeError,
)
from isthmus.links import Identity, Link
from isthmus.table_writes import Put, Update
from isthmus_aws import wire
from isthmus_aws.clients import backoff, table_batches, table_changes
from isthmus_aws.clients.errors import code_of
from isthmus_aws.clients.table import TableClient
from isthmus_aws.services import Services
from tests.aws.clients.answers import Answer, answers, fault

NOWHERE = "http://127.0.0.1:9"
"""A port that nobody listens on: what is not answered here fails."""

PROPERTIES: dict[str, Any] = {"fields": {"id": "string"}, "key": ["id"], "ttl": "expires", "changes": True}


FINE: Answer = (200, {})
NOTHING: Answer = (200, {"Responses": {}})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "_MOST", 0.0)


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    identity = Identity(app="orders", stage="test", provider="aws", function="Caller", account="123456789012")
    return Services(identity, region="us-east-1", endpoint=NOWHERE)


@pytest.fixture
def items(services: Services) -> TableClient:
    return TableClient(Link("table", "Items", "items", ("read", "write"), PROPERTIES), services)


def image(id: str, **more: Any) -> dict[str, Any]:
    return {"id": {"S": id}, **more}


def test_keys_that_are_left_unprocessed_are_asked_for_again(services: Services, items: TableClient) -> None:
    left = {"items": {"Keys": [image("b")], "ConsistentRead": True}}
    planned: list[Answer | None] = [
        (200, {"Responses": {"items": [image("a")]}, "UnprocessedKeys": left}),
        (200, {"Responses": {"items": []}, "UnprocessedKeys": left}),
        (200, {"Responses": {"items": [image("b")]}, "UnprocessedKeys": {}}),
    ]
    with answers(services, "BatchGetItem", planned) as requests:
        assert items.get_many(["a", "b"]) == [{"id": "a"}, {"id": "b"}]

    assert [len(request["RequestItems"]["items"]["Keys"]) for request in requests] == [2, 1, 1]
    assert all(request["RequestItems"]["items"]["ConsistentRead"] for request in requests)


def test_items_that_are_left_unprocessed_are_written_again(services: Services, items: TableClient) -> None:
    left = {"items": [{"PutRequest": {"Item": image("b")}}]}
    planned: list[Answer | None] = [(200, {"UnprocessedItems": left}), (200, {}), (200, {"UnprocessedItems": {}})]
    with answers(services, "BatchWriteItem", planned) as requests:
        items.put_many([{"id": "a"}, {"id": "b"}])

    assert [len(request["RequestItems"]["items"]) for request in requests] == [2, 1]


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_a_batch_that_gets_nowhere_is_given_up(services: Services, items: TableClient, operation: str) -> None:
    keys = {"items": {"Keys": [image("a")]}}
    writes = {"items": [{"PutRequest": {"Item": image("a")}}]}
    nothing: Answer = (200, {"Responses": {}, "UnprocessedKeys": keys, "UnprocessedItems": writes})
    ask: dict[str, Callable[[], object]] = {
        "BatchGetItem": lambda: items.get_many(["a"]),
        "BatchWriteItem": lambda: items.put_many([{"id": "a"}]),
    }

    with answers(services, operation, [nothing] * 99) as requests, pytest.raises(ServiceError, match="throttles"):
        ask[operation]()
    assert len(requests) == table_batches.PATIENCE


def test_batches_are_as_large_as_dynamodb_takes_them(services: Services, items: TableClient) -> None:
    with answers(services, "BatchWriteItem", [FINE] * 9) as writes:
        items.put_many({"id": str(n)} for n in range(60))
        items.put_many({"id": str(n), "body": b"x" * 390_000} for n in range(12))
    with answers(services, "BatchGetItem", [NOTHING] * 9) as reads:
        assert items.get_many([str(n) for n in range(250)] * 2) == [None] * 500

    assert [len(request["RequestItems"]["items"]) for request in writes] == [25, 25, 10, 11, 1]
    assert [len(request["RequestItems"]["items"]["Keys"]) for request in reads] == [100, 100, 50]


def test_an_item_is_not_left_to_an_update_that_would_make_none(services: Services) -> None:
    # DynamoDB makes no item where an update only removes, ministack does: the item is put where the condition fails.
    items = TableClient(Link("table", "Items", "items", ("write",), {**PROPERTIES, "changes": False}), services)
    missed = fault("ConditionalCheckFailedException")
    with answers(services, "UpdateItem", [missed]) as updates, answers(services, "PutItem", [FINE]) as puts:
        assert items.update("a", remove=["gone"]) == {"id": "a"}

    assert updates[0]["ConditionExpression"].startswith("attribute_exists(")
    assert puts[0]["Item"] == image("a")
    assert "attribute_not_exists(" in puts[0]["ConditionExpression"]


def cancelled(*codes: str, **more: Any) -> Answer:
    """Return a cancelled transaction; `more` is told with each reason that is one."""
    reasons = [{"Code": code, **(more if code != "None" else {})} for code in codes]
    return fault("TransactionCanceledException", "Transaction cancelled", CancellationReasons=reasons)


def test_a_transaction_that_another_one_is_in_the_way_of_is_tried_again(services: Services, items: TableClient) -> None:
    planned = [cancelled("None", "TransactionConflict"), cancelled("ThrottlingError", "None"), FINE]
    with answers(services, "TransactWriteItems", planned) as requests:
        items.transact([Put({"id": "a"}), Put({"id": "b"})])

    assert len({request["ClientRequestToken"] for request in requests}) == 3  # each is a transaction of its own


def test_a_conflict_that_does_not_end_is_an_error_of_the_service(services: Services, items: TableClient) -> None:
    endless = [cancelled("TransactionConflict")] * 99
    with (
        answers(services, "TransactWriteItems", endless) as requests,
        pytest.raises(ServiceError, match="tried 10 times, and cancelled: TransactionConflict") as caught,
    ):
        items.transact([Put({"id": "a"})])

    assert len(requests) == table_changes.ATTEMPTS
    assert caught.value.__cause__ is not None
    assert code_of(caught.value.__cause__) == "TransactionCanceledException"


def test_a_single_write_waits_for_a_transaction_too(services: Services, items: TableClient) -> None:
    conflict = fault("TransactionConflictException")
    with answers(services, "PutItem", [conflict, conflict, FINE]) as requests:
        items.put({"id": "a"})
    assert len(requests) == 3

    with answers(services, "DeleteItem", [conflict] * 99), pytest.raises(ServiceError, match="TransactionConflict"):
        items.delete("a")


def test_a_failed_condition_counts_more_than_a_conflict(services: Services, items: TableClient) -> None:
    planned = [cancelled("TransactionConflict", "ConditionalCheckFailed")]
    with (
        answers(services, "TransactWriteItems", planned),
        pytest.raises(ConditionFailedError, match="write 2 of 2: table 'Items': there is an item"),
    ):
        items.transact([Put({"id": "a"}), Put({"id": "b"}, if_absent=True)])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("An operand in the update expression has an incorrect data type", InvalidValueError),
        ("Item size to update has exceeded the maximum allowed size", TooLargeError),
    ],
)
def test_a_write_that_dynamodb_refuses_is_named_by_its_number(
    services: Services, items: TableClient, message: str, expected: type[Exception]
) -> None:
    planned = [cancelled("None", "ValidationError", Message=message)]
    with answers(services, "TransactWriteItems", planned), pytest.raises(expected, match="write 2 of 2"):
        items.transact([Put({"id": "a"}), Update("b", add={"n": 1})])


def test_an_update_that_grows_to_the_limit_is_kept_rather_than_traced(services: Services, items: TableClient) -> None:
    full = fault("ValidationException", "Item size to update has exceeded the maximum allowed size")
    with answers(services, "UpdateItem", [full, (200, {"Attributes": image("a")})]) as requests:
        assert items.update("a", set={"n": 1}) == {"id": "a"}
    traced, bare = requests
    assert wire.ENVELOPE in traced["ExpressionAttributeNames"].values()
    assert bare["UpdateExpression"].startswith("SET ")
    assert "REMOVE" in bare["UpdateExpression"]

    with answers(services, "UpdateItem", [full, full]), pytest.raises(TooLargeError, match="limit is 409,600"):
        items.update("a", set={"n": 1})


def test_an_item_that_expires_again_and_again_is_given_up(services: Services, items: TableClient) -> None:
    failed = fault("ConditionalCheckFailedException", Item=image("a", expires={"N": "1"}))
    with (
        answers(services, "UpdateItem", [failed] * 99),
        answers(services, "PutItem", [fault("ConditionalCheckFailedException")] * 99) as puts,
        pytest.raises(ServiceError, match="changed too often"),
    ):
        items.update("a", set={"n": 1})
    assert len(puts) == table_changes.ATTEMPTS / 2


def test_what_iam_refuses_is_an_access_denied_error(services: Services, items: TableClient) -> None:
    denied = fault("AccessDeniedException", "User: arn:… is not authorized to perform: dynamodb:GetItem")
    with answers(services, "GetItem", [denied]), pytest.raises(AccessDeniedError, match="may not read") as caught:
        items.get("a")

    assert "not authorized to perform: dynamodb:GetItem" in caught.value.__notes__[0]
    assert code_of(caught.value.__cause__ or caught.value) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("ResourceNotFoundException", "is this stage deployed, in this account and region?"),
        ("ProvisionedThroughputExceededException", "try again later"),
        ("ExpiredTokenException", "sign in again"),
        ("InternalServerError", "said so"),
        ("NeverHeardOf", "said so"),
    ],
)
def test_another_fault_is_an_error_of_the_service_that_says_what_to_do(
    services: Services, items: TableClient, code: str, hint: str
) -> None:
    with answers(services, "GetItem", [fault(code)]), pytest.raises(ServiceError, match=hint) as caught:
        items.get("a")

    assert code in str(caught.value)
    assert code_of(caught.value.__cause__ or caught.value) == code


def test_a_service_that_cannot_be_reached_is_an_error_of_the_service(items: TableClient) -> None:
    with pytest.raises(ServiceError, match=r"read was not answered: .*is AWS_ENDPOINT_URL right") as caught:
        items.get("a")

    assert type(caught.value.__cause__).__name__ == "EndpointConnectionError"


def test_credentials_that_are_missing_are_an_error_of_the_service(
    monkeypatch: pytest.MonkeyPatch, items: TableClient
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(ServiceError, match="Set AWS_PROFILE, or sign in again"):
        items.get("a")


def test_an_answer_that_is_no_json_is_an_error_of_the_service(services: Services, items: TableClient) -> None:
    with answers(services, "GetItem", [(503, {}), (500, {})]), pytest.raises(ServiceError):
        items.get("a")
