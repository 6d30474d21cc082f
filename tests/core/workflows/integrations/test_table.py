from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest

from isthmus.testing.waiting import wait_until
from isthmus.workflows.states_error import StatesError
from tests.core.workflows.integrations.conftest import Do

NUMBERS = count()

PUT, GET, UPDATE, DELETE = (f"dynamodb:{action}Item" for action in ("put", "get", "update", "delete"))
QUERY = "aws-sdk:dynamodb:query"
CONDITION_FAILED = "DynamoDB.ConditionalCheckFailedException"
INVALID = "DynamoDB.AmazonDynamoDBException"


@pytest.fixture
def key() -> dict[str, Any]:
    return {"id": {"S": f"user-{next(NUMBERS)}"}}


@pytest.fixture
def get(do: Do, key: dict[str, Any]) -> Callable[[], Any]:
    return lambda: do(GET, {"TableName": "Users", "Key": key}).get("Item")


@pytest.fixture
def update(do: Do, key: dict[str, Any]) -> Callable[..., Any]:
    """Update the item of the key; returns its attributes as they are then."""

    def update(expression: str, values: Mapping[str, Any] | None = None, **more: Any) -> Any:
        given = {"ExpressionAttributeValues": values} if values else {}
        arguments = {"TableName": "Users", "Key": key, "UpdateExpression": expression, "ReturnValues": "ALL_NEW"}
        return do(UPDATE, {**arguments, **given, **more})["Attributes"]

    return update


def test_an_item_comes_back_as_it_was_put(do: Do, key: dict[str, Any], get: Callable[[], Any]) -> None:
    item = {
        **key,
        "name": {"S": "Ada"},
        "age": {"N": "36"},
        "height": {"N": "1.65"},
        "admin": {"BOOL": True},
        "boss": {"NULL": True},
        "face": {"B": "AP8="},
        "tags": {"L": [{"S": "a"}, {"N": "1"}]},
        "home": {"M": {"city": {"S": "London"}}},
    }

    answer = do(PUT, {"TableName": "Users", "Item": item})

    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert get() == item


def test_an_item_that_is_not_there_is_no_item(do: Do, key: dict[str, Any]) -> None:
    answer = do(GET, {"TableName": "Users", "Key": key})

    assert "Item" not in answer
    assert "SdkResponseMetadata" in answer


def test_the_services_own_form_says_nothing_of_the_call(do: Do, key: dict[str, Any]) -> None:
    assert do("aws-sdk:dynamodb:putItem", {"TableName": "Users", "Item": key}) == {}
    assert do("aws-sdk:dynamodb:getItem", {"TableName": "Users", "Key": key}) == {"Item": key}


def test_a_key_of_two_fields_is_told_by_the_table_and_not_by_its_order(do: Do) -> None:
    key = {"day": {"N": "3"}, "customer": {"S": "swapped"}}
    do(PUT, {"TableName": "Orders", "Item": {**key, "total": {"N": "7"}}})

    assert do(GET, {"TableName": "Orders", "Key": key})["Item"]["total"] == {"N": "7"}


def test_a_projection_returns_parts_of_the_item(do: Do, key: dict[str, Any]) -> None:
    item = {**key, "home": {"M": {"city": {"S": "Rome"}, "zip": {"S": "1"}}}, "tags": {"L": [{"S": "a"}, {"S": "b"}]}}
    do(PUT, {"TableName": "Users", "Item": item})

    found = do(
        GET,
        {
            "TableName": "Users",
            "Key": key,
            "ProjectionExpression": "#h.city, tags[1], tags[9], nothing.here",
            "ExpressionAttributeNames": {"#h": "home"},
        },
    )

    assert found["Item"] == {"home": {"M": {"city": {"S": "Rome"}}}, "tags": {"L": [{"S": "b"}]}}


def test_an_item_is_put_only_where_there_is_none(do: Do, key: dict[str, Any]) -> None:
    arguments = {"TableName": "Users", "Item": key, "ConditionExpression": "attribute_not_exists(id)"}
    do(PUT, arguments)

    with pytest.raises(StatesError) as failed:
        do(PUT, arguments)

    assert failed.value.error == CONDITION_FAILED


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_exists(id)", True),
        ("attribute_not_exists(id)", False),
        ("attribute_exists(age)", True),
        ("attribute_not_exists(age)", False),
        ("attribute_not_exists(other)", True),
        ("age = :n", True),
        (":n = age", True),
        ("age <> :n", False),
        ("age < :more", True),
        (":more > age", True),
        ("age >= :more", False),
        ("age > :n OR age <= :n", True),
        ("#n = :ada AND age = :n", True),
        ("#n = :ada and (age = :more or attribute_exists(age))", True),
        ("attribute_exists(age) AND age = :more", False),
        ("attribute_not_exists(id) AND age = :n", False),
        ("attribute_exists(other) AND attribute_not_exists(other)", False),
        ("attribute_not_exists(other) AND attribute_exists(other)", False),
        ("age IN (:more, :n)", True),
        ("age IN (:more)", False),
        ("begins_with(#n, :a)", True),
        ("begins_with(#n, :ada) AND contains(tags, :a)", True),
        ("contains(tags, :ada)", False),
        ("nothing = :null", False),
        ("(((age = :n)))", True),
    ],
)
def test_a_condition_is_held_against_the_stored_item(do: Do, key: dict[str, Any], condition: str, holds: bool) -> None:
    item = {**key, "age": {"N": "36"}, "name": {"S": "Ada"}, "tags": {"L": [{"S": "A"}]}}
    do(PUT, {"TableName": "Users", "Item": item})
    values = {":n": {"N": "36"}, ":more": {"N": "40"}, ":ada": {"S": "Ada"}, ":a": {"S": "A"}, ":null": {"NULL": True}}
    arguments = {
        "TableName": "Users",
        "Item": {**key, "new": {"BOOL": True}},
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#n": "name"},
        "ExpressionAttributeValues": values,
    }

    if holds:
        do(PUT, arguments)
    else:
        with pytest.raises(StatesError, match=CONDITION_FAILED):
            do(PUT, arguments)

    assert ("new" in do(GET, {"TableName": "Users", "Key": key})["Item"]) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_not_exists(id)", True),
        ("attribute_not_exists(age)", True),
        ("age <> :n", True),
        ("attribute_exists(id)", False),
        ("age = :n", False),
        ("attribute_not_exists(age) OR age < :n", True),
        ("attribute_not_exists(id) AND attribute_exists(age)", False),
    ],
)
@pytest.mark.parametrize("action", [PUT, UPDATE, DELETE])
def test_a_condition_on_an_item_that_is_not_there(
    do: Do, key: dict[str, Any], get: Callable[[], Any], action: str, condition: str, holds: bool
) -> None:
    arguments: dict[str, Any] = {
        "TableName": "Users",
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {":n": {"N": "1"}, ":new": {"BOOL": True}},
        **({"Item": {**key, "new": {"BOOL": True}}} if action == PUT else {"Key": key}),
        **(
            {"UpdateExpression": "SET #new = :new", "ExpressionAttributeNames": {"#new": "new"}}
            if action == UPDATE
            else {}
        ),
    }

    if holds:
        do(action, arguments)
    else:
        with pytest.raises(StatesError, match=CONDITION_FAILED):
            do(action, arguments)

    assert get() == ({**key, "new": {"BOOL": True}} if holds and action != DELETE else None)


def test_an_update_sets_adds_and_removes(key: dict[str, Any], update: Callable[..., Any]) -> None:
    update("SET a = :one, b = :one", {":one": {"N": "1"}})

    new = update("SET a = a + :two REMOVE b ADD c :two", {":two": {"N": "2"}})

    assert new == {**key, "a": {"N": "3"}, "c": {"N": "2"}}


def test_an_update_counts_down_and_from_nothing(key: dict[str, Any], update: Callable[..., Any]) -> None:
    values = {":zero": {"N": "0"}, ":one": {"N": "1"}}

    new = update("set n = if_not_exists(n, :zero) + :one, m = if_not_exists(m, :zero) - :one", values)

    assert new == {**key, "n": {"N": "1"}, "m": {"N": "-1"}}


def test_what_is_not_there_cannot_be_counted_up_by_itself(update: Callable[..., Any], get: Callable[[], Any]) -> None:
    with pytest.raises(StatesError, match="n is not there") as failed:
        update("SET n = n + :one", {":one": {"N": "1"}})

    assert failed.value.error == INVALID
    assert get() is None


def test_what_is_there_is_counted_up_on_a_condition_that_holds_without_an_item_too(
    update: Callable[..., Any], get: Callable[[], Any], key: dict[str, Any]
) -> None:
    values = {":one": {"N": "1"}, ":closed": {"S": "closed"}}
    unless_closed = {"ConditionExpression": "door <> :closed"}
    update("SET n = :one", {":one": {"N": "1"}})

    update("SET n = n + :one", values, **unless_closed)
    update("SET door = :closed", {":closed": {"S": "closed"}})
    with pytest.raises(StatesError, match=CONDITION_FAILED):
        update("SET n = n + :one", values, **unless_closed)

    assert get() == {**key, "n": {"N": "2"}, "door": {"S": "closed"}}


def test_what_is_not_there_is_not_counted_up_on_a_condition_that_holds_without_it(update: Callable[..., Any]) -> None:
    values = {":one": {"N": "1"}, ":closed": {"S": "closed"}}

    with pytest.raises(StatesError, match="n is not there"):
        update("SET n = n + :one", values, ConditionExpression="door <> :closed")


def test_an_update_returns_what_it_was_asked_for(do: Do, key: dict[str, Any]) -> None:
    arguments = {
        "TableName": "Users",
        "Key": key,
        "UpdateExpression": "SET a = :a REMOVE gone",
        "ExpressionAttributeValues": {":a": {"S": "x"}},
    }

    assert "Attributes" not in do(UPDATE, arguments)
    assert do(UPDATE, {**arguments, "ReturnValues": "UPDATED_NEW"})["Attributes"] == {"a": {"S": "x"}}


def test_an_update_on_a_condition_changes_nothing_where_it_does_not_hold(
    update: Callable[..., Any], get: Callable[[], Any], key: dict[str, Any]
) -> None:
    update("SET a = :one", {":one": {"N": "1"}})

    with pytest.raises(StatesError, match=CONDITION_FAILED):
        update("SET a = a + :one", {":one": {"N": "1"}, ":two": {"N": "2"}}, ConditionExpression="a = :two")
    update("SET a = a + :one", {":one": {"N": "1"}}, ConditionExpression="attribute_exists(id)")

    assert get() == {**key, "a": {"N": "2"}}


def test_a_deleted_item_is_returned_where_that_is_asked_for(do: Do, key: dict[str, Any]) -> None:
    do(PUT, {"TableName": "Users", "Item": {**key, "a": {"S": "x"}}})
    arguments = {"TableName": "Users", "Key": key, "ReturnValues": "ALL_OLD"}

    assert do(DELETE, arguments)["Attributes"] == {**key, "a": {"S": "x"}}
    assert "Attributes" not in do(DELETE, arguments)


@pytest.fixture
def orders(do: Do) -> str:
    customer = f"customer-{next(NUMBERS)}"
    for day in range(1, 6):
        state = {"S": f"{customer}-{'odd' if day % 2 else 'even'}"}
        item = {"customer": {"S": customer}, "day": {"N": str(day)}, "state": state}
        do(PUT, {"TableName": "Orders", "Item": item})
    return customer


def days(answer: Mapping[str, Any]) -> list[int]:
    return [int(item["day"]["N"]) for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "more", "expected"),
    [
        ("customer = :c", {}, [1, 2, 3, 4, 5]),
        ("customer = :c", {"ScanIndexForward": False}, [5, 4, 3, 2, 1]),
        ("customer = :c AND #day >= :low", {}, [2, 3, 4, 5]),
        ("(customer = :c) AND (#day <= :high)", {}, [1, 2, 3, 4]),
        ("#day BETWEEN :low AND :high and customer = :c", {}, [2, 3, 4]),
        ("customer = :c AND #day = :low", {}, [2]),
        ("customer = :c", {"Limit": 2}, [1, 2]),
        ("customer = :c", {"FilterExpression": "#day <> :low AND attribute_exists(customer)"}, [1, 3, 4, 5]),
    ],
)
def test_a_query_narrows_a_partition(
    do: Do, orders: str, condition: str, more: dict[str, Any], expected: list[int]
) -> None:
    values = {":c": {"S": orders}, ":low": {"N": "2"}, ":high": {"N": "4"}}
    arguments = {"TableName": "Orders", "KeyConditionExpression": condition, "ExpressionAttributeValues": values}

    answer = do(QUERY, {**arguments, "ExpressionAttributeNames": {"#day": "day"}, **more})

    assert days(answer) == expected
    assert answer["Count"] == len(expected)


def test_a_query_goes_on_where_it_stopped(do: Do, orders: str) -> None:
    arguments = {
        "TableName": "Orders",
        "KeyConditionExpression": "customer = :c",
        "ExpressionAttributeValues": {":c": {"S": orders}},
        "Limit": 3,
    }
    first = do(QUERY, arguments)
    second = do(QUERY, {**arguments, "ExclusiveStartKey": first["LastEvaluatedKey"]})

    assert days(first) + days(second) == [1, 2, 3, 4, 5]
    assert "LastEvaluatedKey" not in second


def test_a_query_of_an_index_goes_by_its_own_key(do: Do, orders: str) -> None:
    arguments = {
        "TableName": "Orders",
        "IndexName": "byState",
        "KeyConditionExpression": "#s = :s",
        "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":s": {"S": f"{orders}-even"}},
        "ProjectionExpression": "day",
    }

    wait_until(lambda: len(do(QUERY, arguments)["Items"]) == 2)  # an index follows its table

    assert do(QUERY, arguments)["Items"] == [{"day": {"N": "2"}}, {"day": {"N": "4"}}]


def test_a_query_may_only_count(do: Do, orders: str) -> None:
    answer = do(
        QUERY,
        {
            "TableName": "Orders",
            "KeyConditionExpression": "customer = :c",
            "ExpressionAttributeValues": {":c": {"S": orders}},
            "Select": "COUNT",
        },
    )

    assert answer == {"Count": 5, "ScannedCount": 5}
