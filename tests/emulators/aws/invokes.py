"""What a program asks AWS while it runs, and the emulated account's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import listed
from tests.emulators.realiser.mocks import Call


def _identity(aws: Session, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    found = aws.client("sts").get_caller_identity()
    return {"accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"], "id": found["Account"]}


def _region(aws: Session, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    endpoint = f"ec2.{aws.region}.amazonaws.com"
    return {"name": aws.region, "region": aws.region, "id": aws.region, "description": aws.region, "endpoint": endpoint}


def _partition(_aws: Session, _arguments: Mapping[str, Any]) -> dict[str, Any]:
    names = {"dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
    return {"partition": "aws", "id": "aws", **names}


def _policy_document(_aws: Session, arguments: Mapping[str, Any]) -> dict[str, Any]:
    document = {
        "Version": arguments.get("version", "2012-10-17"),
        "Statement": [_statement(statement) for statement in listed(arguments, "statements")],
    }
    text = json.dumps(document)
    return {**arguments, "id": "0", "json": text, "minifiedJson": text}


def _statement(asked: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": asked.get("effect", "Allow")}
    if asked.get("sid"):
        statement["Sid"] = asked["sid"]
    names = ("actions", "Action"), ("notActions", "NotAction"), ("resources", "Resource")
    statement.update({theirs: _one_or_all(asked[ours]) for ours, theirs in names if asked.get(ours)})
    for principal in listed(asked, "principals"):
        statement.setdefault("Principal", {})[principal["type"]] = _one_or_all(principal["identifiers"])
    for condition in listed(asked, "conditions"):
        test = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        test[condition["variable"]] = _one_or_all(condition["values"])
    return statement


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


CALLS: Mapping[str, Call] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
}
"""Token of an invoke to its answer."""
