"""Whole minutes: how often Cloud Scheduler can start something.

https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.subscription import Subscription
from isthmus.shapes import is_number

_EVEN = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
"""Minutes that go into an hour: of others cron would make an uneven one at its end."""


def minutes(seconds: float) -> int:
    """Return the minutes after which a drain is started, where a batch may wait for so many seconds: one at least."""
    needed = max(1, math.ceil(seconds / 60))
    return next((count for count in _EVEN if count >= needed), _EVEN[-1])


def expression(often: int) -> str:
    """Return the cron expression of each so many minutes."""
    return "0 * * * *" if often == _EVEN[-1] else f"*/{often} * * * *"


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the sources that are drained, and how often: a message may wait for so long."""
    for subscription, function in draft.deliveries:
        if is_pulled(subscription) and is_number(subscription.batch_window):
            often = minutes(subscription.batch_window)
            each = "minute" if often == 1 else f"{often} minutes"
            what = f"{label(function)} drains it each {each}, so that a message may wait as long"
            if subscription.batch_window != often * 60:
                what += f": batch_window={subscription.batch_window:g} is rounded up to whole minutes"
            yield Problem(subscription.where, f"{label(subscription.source)}: {what}")


def is_pulled(subscription: Subscription) -> bool:
    """Return whether what is declared asks for a drain: a batch, or a bound to how many there are at once."""
    if subscription.source.kind not in ("queue", "stream"):
        return False
    return (subscription.batch_size or 1) > 1 or subscription.max_concurrency is not None
