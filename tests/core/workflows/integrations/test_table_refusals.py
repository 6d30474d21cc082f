"""What a table of an app cannot do, which is refused by the name that the service has for it."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.workflows.states_error import StatesError
from tests.core.workflows.integrations.conftest import JUNK, Do, failure_of

PUT, GET, UPDATE, DELETE = (f"dynamodb:{action}Item" for action in ("put", "get", "update", "delete"))
QUERY = "aws-sdk:dynamodb:query"
INVALID = "DynamoDB.AmazonDynamoDBException"


@pytest.mark.parametrize(
    ("action", "arguments", "message"),
    [
        (PUT, {"Item": {"id": "plain"}}, "typed value"),
        (PUT, {"Item": {"id": {"S": 7}}}, "S is text"),
        (PUT, {"Item": {"id": {"S": "a"}, "n": {"N": 7}}}, "N is a number written as text"),
        (PUT, {"Item": {"id": {"S": "a"}, "n": {"N": "seven"}}}, "no number"),
        (PUT, {"Item": {"id": {"S": "a"}, "n": {"N": "NaN"}}}, "more digits"),
        (PUT, {"Item": {"id": {"S": "a"}, "n": {"N": "1e999999999"}}}, "more digits"),
        (PUT, {"Item": {"id": {"S": "a"}, "n": {"N": "0.12345678901234567890123"}}}, "more digits"),
        (PUT, {"Item": {"id": {"S": "a"}, "s": {"SS": ["a"]}}}, "is a set"),
        (PUT, {"Item": {"id": {"S": "a"}, "b": {"B": "***"}}}, "base64"),
        (PUT, {"Item": {"id": {"S": "a"}, "x": {"X": 1}}}, "unknown type"),
        (PUT, {"Item": {"id": {"S": "a"}, "x": {"S": "a", "N": "1"}}}, "typed value"),
        (PUT, {"Item": {"name": {"S": "a"}}}, "'id'"),
        (PUT, {}, "Item is missing"),
        (PUT, {"Item": {"id": {"S": "a"}}, "ReturnValues": "ALL_OLD"}, "ReturnValues 'ALL_OLD' is not supported"),
        (PUT, {"Item": {"id": {"S": "a"}}, "Expected": {}}, "'Expected' is not supported"),
        (GET, {"Key": {"name": {"S": "a"}}}, "keyed by id"),
        (UPDATE, {"UpdateExpression": "SET a.b = :a"}, "only a whole attribute"),
        (UPDATE, {"UpdateExpression": "SET a = list_append(a, :a)"}, "list_append"),
        (UPDATE, {"UpdateExpression": "SET a = b"}, "another one"),
        (UPDATE, {"UpdateExpression": "SET a = if_not_exists(a, :n)"}, "if_not_exists"),
        (UPDATE, {"UpdateExpression": "SET a = if_not_exists(a, :n) + :n"}, "if_not_exists"),
        (UPDATE, {"UpdateExpression": "SET a = :unknown"}, "no value is given for :unknown"),
        (UPDATE, {"UpdateExpression": "SET #x = :a"}, "no name is given for #x"),
        (UPDATE, {"UpdateExpression": "DELETE a :a"}, "no sets"),
        (UPDATE, {"UpdateExpression": "ADD a :a"}, "only a number"),
        (UPDATE, {"UpdateExpression": "SET a = :a SET b = :a"}, "each once"),
        (UPDATE, {"UpdateExpression": "SET a = :a,"}, "attribute should come"),
        (UPDATE, {"UpdateExpression": "SET id = :a"}, "of the key"),
        (UPDATE, {"UpdateExpression": "x" * 5000}, "4,096"),
        (UPDATE, {"UpdateExpression": "SET a = ;"}, "';'"),
        (DELETE, {"ConditionExpression": "NOT a = :a"}, "NOT"),
        (DELETE, {"ConditionExpression": "size(a) > :n"}, r"size\(\)"),
        (DELETE, {"ConditionExpression": "a = b"}, "with a value"),
        (DELETE, {"ConditionExpression": "a BETWEEN :n AND :n"}, "BETWEEN"),
        (DELETE, {"ConditionExpression": "a > :n AND a < :n"}, "two conditions"),
        (DELETE, {"ConditionExpression": "attribute_exists(a) AND a <> :a"}, "two conditions"),
        (DELETE, {"ConditionExpression": "a <> :a AND attribute_exists(a)"}, "two conditions"),
        (DELETE, {"ConditionExpression": "(" * 2000 + "a = :a" + ")" * 2000}, "nested too deeply"),
        (DELETE, {"ConditionExpression": " OR ".join(f"a{n} = :a" for n in range(99))}, "alternatives"),
        (DELETE, {"ConditionExpression": "a = :a b"}, "nothing should come"),
    ],
)
def test_what_a_table_cannot_do_is_refused_with_the_reason(
    do: Do, action: str, arguments: dict[str, Any], message: str
) -> None:
    given = {
        "TableName": "Users",
        **({"Key": {"id": {"S": "refused"}}} if action in (UPDATE, DELETE) else {}),
        **arguments,
    }
    if action in (UPDATE, DELETE):
        given["ExpressionAttributeValues"] = {":a": {"S": "x"}, ":n": {"N": "1"}}

    with pytest.raises(StatesError, match=message) as failed:
        do(action, given)

    assert failed.value.error == INVALID


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize(
    ("action", "argument"),
    [
        (PUT, "Item"),
        (GET, "Key"),
        (GET, "TableName"),
        (GET, "ProjectionExpression"),
        (UPDATE, "UpdateExpression"),
        (UPDATE, "ExpressionAttributeNames"),
        (UPDATE, "ReturnValues"),
        (DELETE, "ConditionExpression"),
        *((QUERY, name) for name in ("IndexName", "Limit", "KeyConditionExpression", "ExclusiveStartKey")),
        *((QUERY, name) for name in ("ScanIndexForward", "FilterExpression", "ExpressionAttributeValues")),
    ],
)
def test_junk_fails_by_the_services_name_or_does_nothing(do: Do, action: str, argument: str, junk: Any) -> None:
    given: dict[str, Any] = {"TableName": "Users", "Key": {"id": {"S": "junk"}}}
    if action == QUERY:
        values = {":id": {"S": "junk"}}
        given = {"TableName": "Users", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": values}

    failed = failure_of(do, action, {**given, argument: junk})

    assert failed.partition(".")[0].lower() in ("", "dynamodb")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("customer >= :c", "must be equal"),
        ("#day = :d", "must be equal"),
        ("customer = :c AND #day > :d", "inclusive"),
        ("customer = :c AND other = :d", "not of the key"),
        ("customer = :c AND customer = :c", "two conditions"),
        ("(" * 2000 + "customer = :c", r"'\)' should come"),
    ],
)
def test_a_query_that_a_table_cannot_do_is_refused(do: Do, condition: str, message: str) -> None:
    arguments = {
        "TableName": "Orders",
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#day": "day"},
        "ExpressionAttributeValues": {":c": {"S": "a"}, ":d": {"N": "1"}},
    }

    with pytest.raises(StatesError, match=message) as failed:
        do(QUERY, arguments)

    assert failed.value.error == "DynamoDb.DynamoDbException"


def test_a_made_up_place_to_go_on_from_is_refused(do: Do) -> None:
    arguments = {
        "TableName": "Orders",
        "KeyConditionExpression": "customer = :c",
        "ExpressionAttributeValues": {":c": {"S": "a"}},
        "ExclusiveStartKey": {"customer": {"S": "a"}, "day": {"N": "1"}},
    }

    with pytest.raises(StatesError, match="LastEvaluatedKey"):
        do(QUERY, arguments)


def test_a_name_that_leads_to_no_table_is_told(do: Do) -> None:
    with pytest.raises(StatesError, match="Nobody") as failed:
        do(GET, {"TableName": "Nobody", "Key": {"id": {"S": "a"}}})

    assert failed.value.error == "DynamoDB.ResourceNotFoundException"
