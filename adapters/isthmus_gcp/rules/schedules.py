"""Schedules: what Cloud Scheduler cannot be told, and how it differs.

https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules, https://cloud.google.com/scheduler/quotas
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from isthmus import schedules
from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.schedule import Schedule
from isthmus.shapes import not_json
from isthmus_gcp.rules.cron import UntranslatableError, translated

_MOST_BYTES = 1024 * 1024
"""A job, of which some is its address and its headers."""

_REST = 4096
_WINTER, _SUMMER = 1, 7


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the schedules that cannot be made."""
    for schedule in draft.of(Schedule):
        for fault in _faults(schedule):
            yield Problem(schedule.where, f"{label(schedule)}: {fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the schedules by a clock that is put forward and back."""
    for schedule in draft.of(Schedule):
        if _is_sound(schedule) and not schedule.expression.startswith("rate") and _is_changed(schedule.timezone):
            what = (
                f"where the clocks of {schedule.timezone} skip or repeat an hour, Cloud Scheduler may skip or repeat it"
            )
            yield Problem(schedule.where, f"{label(schedule)}: {what}: where that matters, take another hour, or UTC")


def _is_sound(schedule: Schedule) -> bool:
    return bool(schedule.expression) and not schedules.faults(schedule.expression, schedule.timezone)


def _faults(schedule: Schedule) -> Iterator[str]:
    if _is_sound(schedule):
        try:
            translated(schedule.expression)
        except UntranslatableError as error:
            yield f"{schedule.expression!r}: {error}"
    if not not_json(schedule.payload) and len(json.dumps(schedule.payload).encode()) > _MOST_BYTES - _REST:
        yield f"its payload is over {_MOST_BYTES:,} bytes: put it into a bucket, and its key into the payload"


def _is_changed(timezone: str) -> bool:
    """Return whether a zone knows a summer time, by what it says of this decade."""
    if timezone not in available_timezones():
        return False
    zone = ZoneInfo(timezone)
    offsets = {datetime(2025, month, 1, tzinfo=zone).utcoffset() for month in (_WINTER, _SUMMER)}
    return len(offsets) > 1
