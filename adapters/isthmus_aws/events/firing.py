"""What the firing of a schedule looks like: our own input for EventBridge Scheduler, and what is said without one.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
"""

from __future__ import annotations

from isthmus._typing import Any
from isthmus_aws.events.shape import is_object

SENDERS = ("aws.events", "aws.scheduler")
"""Who says `Scheduled Event`: a rule, and a schedule without an input."""

OURS = ("schedule", "due", "payload")
"""The members of the input that our schedules have."""


def is_firing(event: Any) -> bool:
    """Tell whether an event is the firing of a schedule."""
    if not is_object(event):
        return False
    if event.get("detail-type") == "Scheduled Event":
        return event.get("source") in SENDERS
    return len(event) == len(OURS) and all(member in event for member in OURS)
