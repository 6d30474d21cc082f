"""Log groups."""

from __future__ import annotations

from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import within
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _group(aws: Session, inputs: Inputs) -> Made:
    aws.client("logs").create_log_group(logGroupName=inputs["name"], tags=within(inputs, "tags"))
    return Made(inputs["name"], _outputs(aws, inputs["name"]))


def _outputs(aws: Session, name: str) -> dict[str, Any]:
    return {"arn": aws.arn("logs", f"log-group:{name}")}


def _finish(aws: Session, id_: str, inputs: Inputs) -> None:
    days = inputs.get("retentionInDays")
    if days:
        aws.client("logs").put_retention_policy(logGroupName=id_, retentionInDays=days)


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any] | None:
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    found = next((group for group in groups if group["logGroupName"] == id_), None)
    if found is None:
        return None
    asked = state.get("retentionInDays")
    drifted = {"retentionInDays": found.get("retentionInDays", 0)} if asked != found.get("retentionInDays") else {}
    return {**_outputs(aws, id_), **(drifted if asked else {})}


KINDS = {
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        create=_group,
        finish=_finish,
        change=lambda aws, id_, inputs: _outputs(aws, id_),
        delete=lambda aws, id_, _: aws.client("logs").delete_log_group(logGroupName=id_),
        read=_read,
        name="name",
        outputs=("arn",),
    ),
}
"""Pulumi's token to what makes it."""
