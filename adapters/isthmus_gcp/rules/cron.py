"""A schedule's expression as Cloud Scheduler takes it: five cron fields, or an interval in words.

https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules. What a cron expression stands for is written
down anew, as ranges and lists of numbers, which mean the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cronsim import CronSim

from isthmus.errors import IsthmusError
from isthmus.schedules import interval

_MINUTE = 60
_HOUR = 3600
_DAY = 24 * _HOUR


class UntranslatableError(IsthmusError, ValueError):
    """A cron expression means something that Cloud Scheduler cannot be told: what to write instead."""


def translated(expression: str) -> str:
    """Return a well-formed expression as Cloud Scheduler takes it; `UntranslatableError` where it cannot."""
    seconds = interval(expression)
    if seconds is not None:
        return _every(int(seconds))
    cron: Any = CronSim(expression, datetime(2000, 1, 1))  # for what it parses alone
    days, weekdays = _days(cron)
    minutes, hours = _field(cron.minutes, range(60)), _field(cron.hours, range(24))
    return f"{minutes} {hours} {days} {_field(cron.months, range(1, 13))} {weekdays}"


def _every(seconds: int) -> str:
    """Return an interval as cron says it, where it goes into an hour or a day, and in words of App Engine's else.

    https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#Job.FIELDS.schedule
    """
    minutes, hours = seconds // _MINUTE, seconds // _HOUR
    if seconds == _DAY:
        return "0 0 * * *"
    if seconds % _HOUR == 0:
        return f"0 {_step(hours)} * * *" if _DAY % seconds == 0 else f"every {hours} hours"
    return f"{_step(minutes)} * * * *" if _HOUR % seconds == 0 else f"every {minutes} minutes"


def _step(count: int) -> str:
    return "*" if count == 1 else f"*/{count}"


def _days(cron: Any) -> tuple[str, str]:
    """Return the fields of the days: where both say something, cron fires on either, and so does Scheduler."""
    if any(not isinstance(day, int) for day in cron.weekdays) or min(cron.days) < 1:
        raise UntranslatableError(
            "Cloud Scheduler knows neither L, LW nor #: let it fire on each day that it may be, such as 28-31, and "
            "look at the day in the handler"
        )
    weekdays = {day % 7 for day in cron.weekdays}
    days, week = _field(cron.days, range(1, 32)), _field(weekdays, range(7))
    if cron.day_and or days == "*" or week == "*":
        return _both(cron, days, week)
    return days, week


def _both(cron: Any, days: str, week: str) -> tuple[str, str]:
    """Return days of which both must hold, or only one says anything."""
    if cron.day_and and days != "*" and week != "*":
        raise UntranslatableError(
            "Cloud Scheduler fires on either the day of the month or that of the week: let one of the two be *, and "
            "look at the other in the handler"
        )
    if not cron.day_and:
        return "*", "*"
    return days, week


def _field(values: Iterable[int], every: range) -> str:
    """Return numbers as a field: `*`, `*/step`, or ranges and single numbers."""
    numbers = sorted(values)
    if len(numbers) == len(every):
        return "*"
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 0
    if step > 1 and numbers == list(range(every.start, every.stop, step)):
        return f"*/{step}"
    return ",".join("-".join(map(str, part)) for part in _parts(numbers))


def _parts(numbers: Sequence[int]) -> list[tuple[int, ...]]:
    """Return ascending numbers as ranges (first, last) of three and more, and single ones."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[tuple[int, ...]] = []
    for run in runs:
        parts += [(run[0], run[-1])] if len(run) > 2 else [(number,) for number in run]
    return parts
