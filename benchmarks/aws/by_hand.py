"""Functions written by hand for Lambda, with nothing between."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

from benchmarks.aws.handlers import reserve


def get_user(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer as `benchmarks.handlers.get_user` does."""
    query = parse_qs(event["rawQueryString"])
    body = json.dumps({"id": event["pathParameters"]["id"], "q": query["a"][0] if "a" in query else None})
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": body}


def create(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer as `benchmarks.handlers.create` does."""
    body = json.dumps({"created": json.loads(event["body"])})
    return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": body}


def consume(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle each message, and answer which have failed."""
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            reserve(json.loads(record["body"]))
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def item_of(image: dict[str, Any]) -> dict[str, Any]:
    """Return the item of an image."""
    return {name: value_of(attribute) for name, attribute in image.items()}


def value_of(attribute: dict[str, Any]) -> Any:
    """Return the value of an attribute value, with the usual kinds first."""
    ((kind, value),) = attribute.items()
    if kind in ("S", "BOOL", "SS"):
        return value
    if kind == "N":
        return number_of(value)
    if kind == "M":
        return item_of(value)
    if kind == "L":
        return [value_of(entry) for entry in value]
    return _seldom(kind, value)


def number_of(text: str) -> int | float:
    """Return an int where it is one."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def _seldom(kind: str, value: Any) -> Any:
    if kind == "NULL":
        return None
    if kind == "B":
        return base64.b64decode(value)
    if kind == "NS":
        return [number_of(text) for text in value]
    if kind == "BS":
        return [base64.b64decode(text) for text in value]
    raise ValueError(kind)
