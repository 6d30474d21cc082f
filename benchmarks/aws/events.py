"""What Lambda hands to a function, as the JSON that its runtime client gets."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "111122223333"
QUEUE = "bench-dev-Work-1a2b3c4d"
TABLE = "bench-dev-Orders-1a2b3c4d"

ORDER = {"id": "0f8fad5b", "item": "lamp", "quantity": 2, "note": "x" * 140}

HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "accept-language": "en-GB,en;q=0.9",
    "authorization": "Bearer " + "x" * 300,
    "content-type": "application/json",
    "host": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com",
    "origin": "https://shop.example.com",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
}
"""What a browser and an HTTP API send between them."""


def get() -> bytes:
    """Return `GET /users/42?a=1` of an HTTP API."""
    query = {"rawQueryString": "a=1", "queryStringParameters": {"a": "1"}}
    return _request("GET", "/users/42", "GET /users/{id}", pathParameters={"id": "42"}, **query)


def post() -> bytes:
    """Return `POST /orders` of an HTTP API."""
    return _request("POST", "/orders", "POST /orders", body=json.dumps(ORDER))


def _request(method: str, path: str, route: str, **members: Any) -> bytes:
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": HEADERS,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "a1b2c3d4e5",
            "domainName": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": HEADERS["user-agent"],
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1583817383220,
        },
        "isBase64Encoded": False,
        **members,
    }
    return json.dumps(event).encode()


def messages(count: int, *, sent_by_isthmus: bool = False) -> bytes:
    """Return `count` messages of an SQS queue; each that Isthmus has sent has an envelope of its own."""
    return json.dumps({"Records": [_message(number, sent_by_isthmus) for number in range(count)]}).encode()


def _message(number: int, sent_by_isthmus: bool) -> dict[str, Any]:
    envelope = {"isthmus-correlation-id": f"{number:032x}", "isthmus-content-type": "application/json"}
    ours = {"isthmus": {"stringValue": json.dumps(envelope), "dataType": "String"}}
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012d}",
        "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{number:012d}" + "x" * 340,
        "body": json.dumps(ORDER),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "AWSTraceHeader": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e;Parent=53995c3f42cd8ad8;Sampled=1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": ours if sent_by_isthmus else {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-north-1:{ACCOUNT}:{QUEUE}",
        "awsRegion": "eu-north-1",
    }


IMAGE: dict[str, Any] = {
    "id": {"S": "0f8fad5b-d9cb-469f-a165-70867728950e"},
    "userId": {"S": "user-4711"},
    "status": {"S": "placed"},
    "placedAt": {"N": "1583817383"},
    "total": {"N": "129.95"},
    "paid": {"BOOL": True},
    "note": {"NULL": True},
    "address": {"M": {"street": {"S": "Storgatan 1"}, "city": {"S": "Stockholm"}, "zip": {"S": "111 22"}}},
    "lines": {
        "L": [
            {"M": {"item": {"S": "lamp"}, "quantity": {"N": "2"}, "price": {"N": "49.95"}}},
            {"M": {"item": {"S": "bulb"}, "quantity": {"N": "6"}, "price": {"N": "5"}}},
        ]
    },
    "tags": {"L": [{"S": "gift"}, {"S": "express"}]},
}
"""An order as DynamoDB keeps it. Of kinds that boto3 reads too: the base64 that binary is in an event it does not."""
