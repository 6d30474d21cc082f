"""Cloud Tasks: the app's one queue, for starts and for messages that are delayed; and a queue for a function's drains.

Their names are Pulumi's: one that was deleted is barred for days.
https://cloud.google.com/tasks/docs/deleting-appengine-queues-and-tasks
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_gcp import cloudtasks

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus_gcp.infra.component import GoogleComponent

QUEUE = Node("queue", cloudtasks.Queue, holds_data=True)  # what is started, or delayed, and not done yet
DRAINS = Node("drains", cloudtasks.Queue)

_MOST_ATTEMPTS = 100
"""The function counts, and parks what it gives up; this is for one that cannot even start."""

_RETRIES: dict[str, Any] = {"min_backoff": "1s", "max_backoff": "60s", "max_doublings": 6}


class Tasks(GoogleComponent[ComponentArgs]):
    """The app's queue of tasks."""

    token = "isthmus:gcp:Tasks"
    children = (QUEUE,)

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(f"{deployment.plan.app.name}-tasks", ComponentArgs(), deployment)
        arguments = {
            "project": self.project,
            "location": self.region,
            "retry_config": {**_RETRIES, "max_attempts": _MOST_ATTEMPTS},
        }
        self.queue = self.child(QUEUE, arguments)
        self.done(path=self.path)

    @property
    def path(self) -> pulumi.Output[str]:
        """The full path of the queue."""
        return path_of(self, self.queue)


def tasks(deployment: Deployment) -> Tasks:
    """Return the app's queue of tasks, made once."""
    return deployment.once("tasks", lambda: Tasks(deployment))


def drains_queue(owner: GoogleComponent[Any], most: int) -> cloudtasks.Queue:
    """Make the queue by which the drains of a function start one another: `most` of them at once."""
    arguments = {
        "project": owner.project,
        "location": owner.region,
        "rate_limits": {"max_concurrent_dispatches": most},
        "retry_config": {**_RETRIES, "max_attempts": 1},  # Scheduler starts the next one anyway
    }
    return owner.child(DRAINS, arguments)


def path_of(owner: GoogleComponent[Any], queue: cloudtasks.Queue) -> pulumi.Output[str]:
    """Return the full path of a queue."""
    return queue.name.apply(f"projects/{owner.project}/locations/{owner.region}/queues/{{}}".format)
