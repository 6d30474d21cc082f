"""IAM policies as plain data: statements, documents, and the few actions that no resource can be named for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus.errors import IsthmusError
from isthmus.shapes import is_list, is_mapping, shown

Statement: TypeAlias = Mapping[str, Any]
"""One statement, with the keys that IAM gives them."""

TRACE = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
"""What a function needs so that it can send traces: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html."""

SAMPLED_TRACE = (*TRACE, "xray:GetSamplingRules", "xray:GetSamplingTargets")
"""What a workflow needs: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html."""

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""What a workflow needs so that it can write a log: of the log groups of the account, and their resource policies.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
"""

UNSCOPED: Mapping[str, str] = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html: no resource types for these
    **dict.fromkeys(SAMPLED_TRACE, "https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html"),
    **dict.fromkeys(TRACE, "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html"),
    # Lambda itself asks that a function in a VPC may do these on `*`, and refuses to create it otherwise.
    "ec2:CreateNetworkInterface": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:DescribeNetworkInterfaces": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:DescribeSubnets": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:DeleteNetworkInterface": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:AssignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    "ec2:UnassignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    **dict.fromkeys(
        LOG_DELIVERY, "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"
    ),
    # A token says by itself which task it is of; these actions know no resource.
    **dict.fromkeys(
        ("states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"),
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html",
    ),
}
"""The actions that a policy may allow on `*`, each with the page that says why."""

_KEYS = ("Sid", "Effect", "Action", "Resource", "Condition")


class PolicyError(IsthmusError, ValueError):
    """A statement allows more than can be justified, or is none: which, and what to write instead."""


def allow(
    actions: Iterable[str], resources: Iterable[str], *, condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the statement that allows `actions` on `resources`."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}
    return {**statement, "Condition": condition} if condition else statement


def allow_service(service: str, actions: Iterable[str], resources: Iterable[str], *, source: str, account: str) -> Any:
    """Return a resource's own statement: the service may do this for `source` (an ARN) of the account, for no other.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    condition = {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": account}}
    return {**allow(actions, resources, condition=condition), "Principal": {"Service": f"{service}.amazonaws.com"}}


def assume_role(service: str, *, account: str = "", source: str = "") -> str:
    """Return the trust policy by which a service takes on a role, for `source` and `account` where it tells them."""
    condition = {
        **({"StringEquals": {"aws:SourceAccount": account}} if account else {}),
        **({"ArnLike": {"aws:SourceArn": source}} if source else {}),
    }
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        **({"Condition": condition} if condition else {}),
    }
    return document([statement])


def document(statements: Iterable[Statement]) -> str:
    """Return the policy of `statements`: the same text for the same permissions, and short, for policies have a limit.

    Statements that differ in nothing but their resources become one.
    """
    resources: dict[str, set[str]] = {}
    for statement in statements:
        rest = {key: value for key, value in statement.items() if key != "Resource"}
        text = json.dumps(rest, sort_keys=True)
        resources.setdefault(text, set()).update(listed(statement.get("Resource", [])))
    joined = [{**json.loads(text), **_of(resources[text])} for text in sorted(resources)]
    return json.dumps({"Version": "2012-10-17", "Statement": joined}, sort_keys=True, separators=(",", ":"))


def _of(resources: set[str]) -> dict[str, list[str]]:
    return {"Resource": sorted(resources)} if resources else {}


def checked(statement: Any, where: str) -> dict[str, Any]:
    """Return somebody's own statement, if it allows named actions on named resources; `PolicyError` else."""
    if not is_mapping(statement) or not {"Effect", "Action", "Resource"} <= statement.keys() <= set(_KEYS):
        raise PolicyError(f"{where}: {shown(statement)} is no statement: it has Effect, Action and Resource")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise PolicyError(f"{where}: Effect is 'Allow' or 'Deny', not {shown(statement['Effect'])}")
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    if not actions or not resources or not all(isinstance(text, str) for text in (*actions, *resources)):
        raise PolicyError(f"{where}: Action and Resource are a text, or a list of texts that is not empty")
    if statement["Effect"] == "Allow":
        _refuse_wide(where, actions, resources)
    return dict(statement)


def _refuse_wide(where: str, actions: Sequence[str], resources: Sequence[str]) -> None:
    wide = [action for action in actions if "*" in action]
    if wide:
        raise PolicyError(f"{where}: the action {wide[0]!r} is more than one: name each")
    scoped = [action for action in actions if action not in UNSCOPED]
    if scoped and any(is_everything(resource) for resource in resources):
        raise PolicyError(f"{where}: {scoped[0]} on '*': name the ARNs that it is allowed on")


def is_everything(resource: str) -> bool:
    """Return whether a resource is every one of a service, or of all: `*`, `arn:aws:s3:::*`."""
    return resource == "*" or (resource.startswith("arn:") and resource.split(":", 5)[-1] in ("*", "*/*"))


def listed(value: Any) -> list[Any]:
    """Return what IAM writes as one value or as a list of them."""
    return list(value) if is_list(value) else [value]
