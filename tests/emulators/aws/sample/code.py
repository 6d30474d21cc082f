"""The functions: what a Lambda function of anybody's would look like, with the runtime's own botocore."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def web(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if event["rawPath"] == "/broken":
        raise LookupError("broken on purpose")
    seen = {
        "cookies": event.get("cookies"),
        "cookie": event["headers"].get("cookie"),
        "path": sys.path,
        "modules": _findable("isthmus", "pytest", "botocore"),
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
    }
    return {"statusCode": 201, "body": json.dumps(seen)}


def fail(event: Any, context: Any) -> None:
    raise LookupError("failed on purpose")


def work(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Note each record in the table, and report those that are bad."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        body, number = _body(record)
        _note(f"{body}#{os.environ['WHO']}", len(event["Records"]))
        if body.startswith("bad"):
            failed.append({"itemIdentifier": number})
    return {"batchItemFailures": failed}


def _body(record: dict[str, Any]) -> tuple[str, str]:
    if "kinesis" in record:
        import base64

        return base64.b64decode(record["kinesis"]["data"]).decode(), record["kinesis"]["sequenceNumber"]
    if "dynamodb" in record:
        return record["dynamodb"]["Keys"]["id"]["S"], record["dynamodb"]["SequenceNumber"]
    return record["body"], record["messageId"]


def _note(name: str, size: int) -> None:
    from importlib import import_module

    client = import_module("botocore.session").Session().create_client("dynamodb")
    client.update_item(
        TableName=os.environ["NOTES"],
        Key={"id": {"S": name}},
        UpdateExpression="ADD times :one SET #size = :size",
        ExpressionAttributeNames={"#size": "size"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":size": {"N": str(size)}},
    )


def _findable(*names: str) -> list[str]:
    from importlib.util import find_spec

    return [name for name in names if find_spec(name)]
