"""A schedule on Cloud Scheduler: it calls its function, by the function's own account.

https://cloud.google.com/scheduler/docs/http-target-auth
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pulumi_gcp import cloudscheduler

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import schedule as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.inbox import open_inbox
from isthmus_gcp.infra.scheduler import attempt_deadline, target
from isthmus_gcp.names import subscription_name
from isthmus_gcp.rules.cron import translated

JOB = Node("job", cloudscheduler.Job)

SOURCE = "Isthmus-Source"


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs(ComponentArgs):
    """A schedule, besides what its declaration says: `expression` is as Cloud Scheduler takes it."""

    expression: str
    timezone: str = "Etc/UTC"
    paused: bool = False

    @classmethod
    def of(cls, declared: declarations.Schedule, plan: Plan) -> ScheduleArgs:
        """Return the arguments of a declared schedule, after the transforms."""
        zone = "Etc/UTC" if declared.timezone == "UTC" else declared.timezone
        return settled(cls, declared, plan, {"expression": translated(declared.expression), "timezone": zone})


class Schedule(GoogleComponent[ScheduleArgs]):
    """A job that does not try again by itself: what fails is in the function's inbox."""

    token = "isthmus:gcp:Schedule"
    children = (JOB,)
    takes = ScheduleArgs

    def __init__(self, declared: declarations.Schedule, deployment: Deployment) -> None:
        super().__init__(declared.name, ScheduleArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        plan = deployment.plan
        self.physical = deployment.physical(declared)
        reader = deployment.component(declared.function)
        open_inbox(deployment, declared.function, reader)
        name = subscription_name(plan.app, plan.target, declared, declared.function)
        arguments = {
            "project": self.project,
            "region": self.region,
            "name": self.physical,
            "schedule": self.args.expression,
            "time_zone": self.args.timezone,
            "paused": self.args.paused,
            "attempt_deadline": attempt_deadline(reader.args.timeout),
            "retry_config": {"retry_count": 3, "min_backoff_duration": "1s", "max_backoff_duration": "60s"},
            "http_target": target(reader, {SOURCE: name}, json.dumps(declared.payload)),
        }
        path = f"projects/{self.project}/locations/{self.region}/jobs/{self.physical}"
        self.job = self.child(JOB, arguments, adopt=path, depends_on=reader.callable)
        self.done(name=self.physical)
