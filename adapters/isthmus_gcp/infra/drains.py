"""Drains: Cloud Scheduler starts a function that pulls, each so many minutes; it may start others through Cloud Tasks.

https://cloud.google.com/scheduler/docs/http-target-auth
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp import cloudscheduler, cloudtasks

from isthmus.components.component import Node
from isthmus_gcp.infra import tasks
from isthmus_gcp.infra.scheduler import attempt_deadline, target
from isthmus_gcp.infra.specification import Specification
from isthmus_gcp.rules.minutes import expression, minutes

if TYPE_CHECKING:
    from isthmus_gcp.infra.function import Function

DRAIN = Node("drain", cloudscheduler.Job)

CHILDREN = (DRAIN, tasks.DRAINS)

HEADER = {"Isthmus-Drain": "1"}


def queue(owner: Function, most: int) -> cloudtasks.Queue:
    """Make the queue by which drains start one another."""
    return tasks.drains_queue(owner, most)


def start(owner: Function, specification: Specification) -> None:
    """Make the job that starts a drain."""
    often = min(minutes(way.window) for way in specification.ways if way.pulled)
    arguments = {
        "project": owner.project,
        "region": owner.region,
        "name": f"{owner.physical}-drain",
        "schedule": expression(often),
        "time_zone": "Etc/UTC",
        "attempt_deadline": attempt_deadline(specification.args.timeout),
        "retry_config": {"retry_count": 0},  # the next one comes anyway
        "http_target": target(owner, HEADER),
    }
    owner.child(DRAIN, arguments, depends_on=owner.callable)
