"""Tables."""

from __future__ import annotations

import time
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pascal, tags
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _table(aws: Session, inputs: Inputs) -> Made:
    found = aws.client("dynamodb").create_table(**_arguments(inputs), Tags=tags(inputs))["TableDescription"]
    return Made(inputs["name"], _outputs(found))


def _arguments(inputs: Inputs) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "TableName": inputs["name"],
        "KeySchema": _keys(inputs),
        "BillingMode": inputs.get("billingMode", "PROVISIONED"),
        "AttributeDefinitions": [
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
            for attribute in inputs["attributes"]
        ],
    }
    if arguments["BillingMode"] == "PROVISIONED":
        arguments["ProvisionedThroughput"] = _throughput(inputs)
    if inputs.get("globalSecondaryIndexes"):
        arguments["GlobalSecondaryIndexes"] = [_index(index) for index in inputs["globalSecondaryIndexes"]]
    if inputs.get("streamEnabled"):
        arguments["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}
    if inputs.get("deletionProtectionEnabled") is not None:
        arguments["DeletionProtectionEnabled"] = inputs["deletionProtectionEnabled"]
    if inputs.get("tableClass"):
        arguments["TableClass"] = inputs["tableClass"]
    if inputs.get("serverSideEncryption"):
        arguments["SSESpecification"] = {"Enabled": inputs["serverSideEncryption"]["enabled"]}
    return arguments


def _keys(schema: Inputs) -> list[dict[str, str]]:
    """Return the key schema of a table or an index, in the older form of pulumi-aws or in the newer one."""
    if schema.get("keySchemas"):
        return [pascal(key) for key in schema["keySchemas"]]
    sort = [{"AttributeName": schema["rangeKey"], "KeyType": "RANGE"}] if schema.get("rangeKey") else []
    return [{"AttributeName": schema["hashKey"], "KeyType": "HASH"}, *sort]


def _throughput(inputs: Inputs) -> dict[str, int]:
    return {"ReadCapacityUnits": inputs.get("readCapacity", 1), "WriteCapacityUnits": inputs.get("writeCapacity", 1)}


def _index(index: Inputs) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    return {"IndexName": index["name"], "KeySchema": _keys(index), "Projection": projection}


def _outputs(found: Any) -> dict[str, Any]:
    return {
        "arn": found["TableArn"],
        "streamArn": found.get("LatestStreamArn", ""),
        "streamLabel": found.get("LatestStreamLabel", ""),
    }


def _finish(aws: Session, id_: str, inputs: Inputs) -> None:
    dynamodb = aws.client("dynamodb")
    while dynamodb.describe_table(TableName=id_)["Table"]["TableStatus"] != "ACTIVE":
        time.sleep(0.02)
    _set_ttl(dynamodb, id_, inputs)
    recovery = inputs.get("pointInTimeRecovery")
    if recovery is not None:
        dynamodb.update_continuous_backups(
            TableName=id_, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery["enabled"]}
        )


def _set_ttl(dynamodb: Any, id_: str, inputs: Inputs) -> None:
    """Set the TTL where it is not so already: DynamoDB refuses to be told what it knows."""
    ttl = inputs.get("ttl")
    if not ttl:
        return
    wanted = ttl.get("enabled", True)
    now = dynamodb.describe_time_to_live(TableName=id_)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if wanted != (now in ("ENABLED", "ENABLING")):
        dynamodb.update_time_to_live(
            TableName=id_, TimeToLiveSpecification={"AttributeName": ttl["attributeName"], "Enabled": wanted}
        )


def _change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    """Change what DynamoDB changes in place, one thing at a time, as it asks for."""
    dynamodb = aws.client("dynamodb")
    found = dynamodb.describe_table(TableName=id_)["Table"]
    for change in _changes(found, _arguments(inputs)):
        found = dynamodb.update_table(TableName=id_, **change)["TableDescription"]
    return _outputs(found)


def _changes(found: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = []
    there = {index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])}
    indexes = {index["IndexName"]: index for index in wanted.get("GlobalSecondaryIndexes", [])}
    changes += [{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]} for name in there - indexes.keys()]
    changes += [
        {
            "GlobalSecondaryIndexUpdates": [{"Create": indexes[name]}],
            "AttributeDefinitions": wanted["AttributeDefinitions"],
        }
        for name in indexes.keys() - there
    ]
    streams = found.get("StreamSpecification", {}).get("StreamEnabled", False)
    if streams != ("StreamSpecification" in wanted):
        changes.append({"StreamSpecification": wanted.get("StreamSpecification", {"StreamEnabled": False})})
    protected = wanted.get("DeletionProtectionEnabled", False)
    if protected != found.get("DeletionProtectionEnabled", False):
        changes.append({"DeletionProtectionEnabled": protected})
    return changes


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("dynamodb").describe_table(TableName=id_)["Table"]
    asked, protected = state.get("deletionProtectionEnabled"), found.get("DeletionProtectionEnabled", False)
    drifted = {} if asked is None or asked == protected else {"deletionProtectionEnabled": protected}
    return {**_outputs(found), **drifted}


KINDS = {
    "aws:dynamodb/table:Table": Kind(
        create=_table,
        finish=_finish,
        change=_change,
        delete=lambda aws, id_, _: aws.client("dynamodb").delete_table(TableName=id_),
        read=_read,
        name="name",
        fixed=("hashKey", "rangeKey"),
        outputs=("arn", "streamArn", "streamLabel"),
    ),
}
"""Pulumi's token to what makes it."""
