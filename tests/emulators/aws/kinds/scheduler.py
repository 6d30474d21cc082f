"""Schedules and their groups."""

from __future__ import annotations

from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import picked, tags
from tests.emulators.realiser.kind import Inputs, Kind, Made

_OPTIONS = ("description", "endDate", "startDate", "kmsKeyArn", "scheduleExpressionTimezone", "state")


def _schedule(aws: Session, inputs: Inputs) -> Made:
    arn = aws.client("scheduler").create_schedule(**_arguments(inputs))["ScheduleArn"]
    return Made(f"{_group_of(inputs)}/{inputs['name']}", _outputs(inputs, arn))


def _arguments(inputs: Inputs) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "GroupName": _group_of(inputs),
        **picked(inputs, "scheduleExpression", "flexibleTimeWindow", "target", *_OPTIONS),
    }


def _group_of(inputs: Inputs) -> str:
    return str(inputs.get("groupName") or "default")


def _outputs(inputs: Inputs, arn: str) -> dict[str, Any]:
    return {"arn": arn, "groupName": _group_of(inputs)}


def _change(aws: Session, _id: str, inputs: Inputs) -> dict[str, Any]:
    return _outputs(inputs, aws.client("scheduler").update_schedule(**_arguments(inputs))["ScheduleArn"])


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    group, _, name = id_.partition("/")
    found = aws.client("scheduler").get_schedule(GroupName=group, Name=name)
    asked = state.get("scheduleExpression")
    drifted = {} if asked == found["ScheduleExpression"] else {"scheduleExpression": found["ScheduleExpression"]}
    return {"arn": found["Arn"], "groupName": group, **drifted}


def _delete(aws: Session, id_: str, _state: Inputs) -> None:
    group, _, name = id_.partition("/")
    aws.client("scheduler").delete_schedule(GroupName=group, Name=name)


def _group(aws: Session, inputs: Inputs) -> Made:
    arn = aws.client("scheduler").create_schedule_group(Name=inputs["name"], Tags=tags(inputs))["ScheduleGroupArn"]
    return Made(inputs["name"], {"arn": arn, "state": "ACTIVE", "creationDate": "", "lastModificationDate": ""})


KINDS = {
    "aws:scheduler/schedule:Schedule": Kind(
        create=_schedule,
        change=_change,
        delete=_delete,
        read=_read,
        name="name",
        fixed=("groupName",),
        outputs=("arn", "groupName"),
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Kind(
        create=_group,
        delete=lambda aws, id_, _: aws.client("scheduler").delete_schedule_group(Name=id_),
        name="name",
        outputs=("arn", "state", "creationDate", "lastModificationDate"),
    ),
}
"""Pulumi's token to what makes it."""
