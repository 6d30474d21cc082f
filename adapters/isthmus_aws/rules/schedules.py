"""Schedules: what EventBridge Scheduler cannot be told, and how it differs.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from isthmus import schedules
from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.schedule import Schedule
from isthmus.shapes import not_json
from isthmus_aws.rules.cron import UntranslatableError, translated

_MOST_BYTES = 250 * 1024
"""A message of SQS takes 256 KB, and the schedule's name and time are in it as well."""

_CONTEXT = "<aws.scheduler."
_MOST_OF_A_ZONE = 50
_YEAR = 366


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the schedules that cannot be made."""
    for schedule in draft.of(Schedule):
        for fault in _faults(schedule):
            yield Problem(schedule.where, f"{label(schedule)}: {fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the schedules that do not fire on the day that the clocks go forward."""
    for schedule in draft.of(Schedule):
        skipped = _skipped(schedule) if _is_sound(schedule) else None
        if skipped:
            clocks = f"when the clocks of {schedule.timezone} skip {skipped:%H:%M}"
            what = f"EventBridge Scheduler does not fire it on {skipped:%d %B %Y}, {clocks}"
            yield Problem(schedule.where, f"{label(schedule)}: {what}: where that matters, take another hour, or UTC")


def _is_sound(schedule: Schedule) -> bool:
    return bool(schedule.expression) and not schedules.faults(schedule.expression, schedule.timezone)


def _faults(schedule: Schedule) -> Iterator[str]:
    if _is_sound(schedule):
        try:
            translated(schedule.expression)
        except UntranslatableError as error:
            yield f"{schedule.expression!r}: {error}"
    if len(schedule.timezone) > _MOST_OF_A_ZONE:
        yield f"AWS takes a time zone of {_MOST_OF_A_ZONE} characters at most"
    if not not_json(schedule.payload):
        yield from _payload_faults(json.dumps(schedule.payload))


def _payload_faults(payload: str) -> Iterator[str]:
    if len(payload.encode()) > _MOST_BYTES:
        yield f"its payload is over {_MOST_BYTES:,} bytes: put it into a bucket, and its key into the payload"
    if _CONTEXT in payload:
        yield f"its payload holds {_CONTEXT!r}, which EventBridge Scheduler replaces by a value of its own: reword it"


def _skipped(schedule: Schedule) -> datetime | None:
    """Return the first firing, within a year, at a time of the clock that there is not; None where there is none."""
    if schedule.timezone == "UTC" or schedule.expression.startswith("rate"):
        return None
    zone = ZoneInfo(schedule.timezone)
    for before, after in _gaps(zone):
        firing = next(CronSim(schedule.expression, before - timedelta(seconds=1)), None)
        if firing is not None and firing < after:
            return firing
    return None


def _gaps(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times, by the clock, between which it jumps forward within a year."""
    start = datetime.now(UTC).replace(second=0, microsecond=0)
    for day in range(_YEAR):
        early, late = start + timedelta(days=day), start + timedelta(days=day + 1)
        jump = _offset(late, zone) - _offset(early, zone)
        if jump > timedelta(0):
            while late - early > timedelta(minutes=1):
                middle = early + timedelta(minutes=(late - early) // timedelta(minutes=2))
                early, late = (middle, late) if _offset(middle, zone) == _offset(early, zone) else (early, middle)
            after = late.astimezone(zone).replace(tzinfo=None)
            yield after - jump, after


def _offset(time: datetime, zone: ZoneInfo) -> timedelta:
    return time.astimezone(zone).utcoffset() or timedelta(0)
