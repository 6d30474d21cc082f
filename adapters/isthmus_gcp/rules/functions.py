"""Functions: how long what calls them waits, and how much memory their processors take.

https://cloud.google.com/tasks/docs/quotas,
https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs,
https://cloud.google.com/functions/quotas#time_limits
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem

PUSH = 600
"""Seconds that Pub/Sub waits for an answer at most."""

_WAITS = {
    "schedule": (1800, "Cloud Scheduler", "let it send to a queue, whose function may take an hour"),
    "task": (1800, "Cloud Tasks", "send to a queue instead, whose function may take an hour"),
}
"""Kind of event → the most seconds that its bringer waits for an answer, who that is, and what to do."""

_PUSHED = ("queue", "topic", "stream", "bucket", "table")
"""What Pub/Sub brings, the changes of a table by the function's inbox."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the functions that run longer than what calls them waits."""
    for declared in draft.functions:
        function = draft.sound(declared)
        for kind in sorted({delivery.kind for delivery in draft.sources(declared)} & set(_WAITS)):
            most, whose, remedy = _WAITS[kind]
            if function.timeout > most:
                what = f"timeout={function.timeout:g}, and {whose} waits for {most} s at most: {remedy}"
                yield Problem(function.where, f"{label(function)}: {what}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the functions whose messages are drained because they run longer than a push may take."""
    for declared in draft.functions:
        function = draft.sound(declared)
        if function.timeout > PUSH and _is_pushed_to(draft, declared):
            what = f"timeout={function.timeout:g} is more than the {PUSH} s that Pub/Sub waits for a push"
            yield Problem(function.where, f"{label(function)}: {what}: its messages are drained, once a minute")


def _is_pushed_to(draft: Draft, declared: Function) -> bool:
    return any(delivery.kind in _PUSHED for delivery in draft.sources(declared))
