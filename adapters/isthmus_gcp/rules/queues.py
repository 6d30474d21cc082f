"""Queues: what comes later goes through Cloud Tasks, which keeps no order.

https://cloud.google.com/tasks/docs/common-pitfalls#execution_order
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the ordered queues whose messages are all delayed."""
    for queue in (resource for resource in draft.resources if isinstance(resource, Queue)):
        if queue.fifo and queue.delay:
            what = "its messages would wait in Cloud Tasks, which hands them on in no order"
            yield Problem(queue.where, f"{label(queue)} has fifo=True and a delay: {what}: leave one of the two out")
