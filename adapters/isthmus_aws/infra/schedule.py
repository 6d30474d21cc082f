"""A schedule on EventBridge Scheduler: it sends a tick to an inbox, with a role that can do nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from pulumi_aws import iam, scheduler

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import schedule as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.inbox import CHILDREN, open_inbox
from isthmus_aws.infra.policies import allow, assume_role, document
from isthmus_aws.infra.role import role_name
from isthmus_aws.rules.cron import translated

GROUP = Node("group", scheduler.ScheduleGroup)
ROLE = Node("role", iam.Role)
ROLE_POLICY = Node("role_policy", iam.RolePolicy)
SCHEDULE = Node("schedule", scheduler.Schedule)

DUE = "<aws.scheduler.scheduled-time>"
"""What Scheduler replaces by the time that it fires for.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs(ComponentArgs):
    """A schedule, besides what its declaration says: `expression` is as EventBridge Scheduler takes it."""

    expression: str
    timezone: str = "UTC"
    state: Literal["ENABLED", "DISABLED"] = "ENABLED"

    @classmethod
    def of(cls, declared: declarations.Schedule, plan: Plan) -> ScheduleArgs:
        """Return the arguments of a declared schedule, after the transforms."""
        values = {"expression": translated(declared.expression), "timezone": declared.timezone}
        return settled(cls, declared, plan, values)


class Schedule(Component[ScheduleArgs]):
    """A schedule in a group of its own, by which its role knows it."""

    token = "isthmus:aws:Schedule"
    children = (GROUP, ROLE, ROLE_POLICY, SCHEDULE, *CHILDREN)
    takes = ScheduleArgs

    def __init__(self, declared: declarations.Schedule, deployment: Deployment) -> None:
        super().__init__(declared.name, ScheduleArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        inbox = open_inbox(self, declared, declared.function)
        role, permission = self._role(declared)
        group = self.child(GROUP, {"name": self.physical})
        arguments = {
            "name": self.physical,
            "group_name": group.name,
            "schedule_expression": self.args.expression,
            "schedule_expression_timezone": self.args.timezone,
            "state": self.args.state,
            "flexible_time_window": {"mode": "OFF"},
            "target": {"arn": inbox.arn, "role_arn": role.arn, "input": _tick(declared)},
        }
        self.schedule = self.child(SCHEDULE, arguments, depends_on=[permission, inbox.policy])
        self.done(name=self.physical, arn=self.schedule.arn)

    def _role(self, declared: declarations.Schedule) -> tuple[iam.Role, iam.RolePolicy]:
        """Scheduler tells a role the group that it acts for, not the schedule.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        plan = self.deployment.plan
        arns = Arns(plan)
        group = arns.arn("scheduler", f"schedule-group/{self.physical}")
        trust = assume_role("scheduler", account=plan.target.account, source=group)
        role = self.child(ROLE, {"assume_role_policy": trust, **role_name(self.name)})
        send = document([allow(["sqs:SendMessage"], [arns.inbox(declared, declared.function)])])
        return role, self.child(ROLE_POLICY, {"role": role.name, "policy": send})


def _tick(declared: declarations.Schedule) -> str:
    return json.dumps({"schedule": declared.name, "due": DUE, "payload": declared.payload})
