"""A schedule's expression as EventBridge Scheduler takes it: six cron fields, or a rate.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. AWS counts weekdays from 1 (SUN), wants `?`
for either the day of the month or that of the week, and its steps and lists have forms of their own: so what an
expression stands for is written down anew, as ranges and lists, which mean the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from cronsim import CronSim

from isthmus.errors import IsthmusError
from isthmus.schedules import interval

_EVERY_DAY = frozenset(range(1, 32))
_WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LAST_WORKDAY = CronSim.LAST_WEEKDAY
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"))
_MOST_CHARACTERS = 256
_ANY = "?"


class UntranslatableError(IsthmusError, ValueError):
    """A cron expression means something that EventBridge Scheduler cannot be told: what to write instead."""


def translated(expression: str) -> str:
    """Return a well-formed expression as EventBridge Scheduler takes it; `UntranslatableError` where it cannot."""
    seconds = interval(expression)
    if seconds is not None:
        return _rate(seconds)
    cron: Any = CronSim(expression, datetime(2000, 1, 1))  # for what it parses alone
    days, weekdays = _days(cron)
    minutes, hours = _field(cron.minutes, range(60)), _field(cron.hours, range(24))
    result = f"cron({minutes} {hours} {days} {_field(cron.months, range(1, 13))} {weekdays} *)"
    if len(result) > _MOST_CHARACTERS:
        raise UntranslatableError(
            f"it comes to {len(result)} characters on AWS, of which there may be {_MOST_CHARACTERS}: "
            "make several schedules of it"
        )
    return result


def _rate(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"rate({count} {unit}{'' if count == 1 else 's'})"


def _days(cron: Any) -> tuple[str, str]:
    """Return the fields of the days: cron fires on either of the two, AWS takes only one of them."""
    weekdays = {(day % 7) if isinstance(day, int) else (day[0] % 7, day[1]) for day in cron.weekdays}
    all_days, all_week = cron.days >= _EVERY_DAY, weekdays >= set(range(7))
    if (all_days and all_week) or ((all_days or all_week) and not cron.day_and):
        return "*", _ANY
    if all_week:
        return _of_month(cron.days), _ANY
    if all_days:
        return _ANY, _of_week(weekdays)
    raise UntranslatableError(
        "EventBridge Scheduler takes a day of the month or a day of the week, not both: let one of the two be *, and "
        "look at the other in the handler; or make two schedules of it"
    )


def _of_month(days: set[int]) -> str:
    if days == {CronSim.LAST}:
        return "L"
    if min(days) > 0:
        return _field(days, range(1, 32))
    if _LAST_WORKDAY in days:
        raise UntranslatableError(
            "EventBridge Scheduler does not know the last weekday of a month (LW): take L, or look at the day in the "
            "handler"
        )
    raise UntranslatableError(
        "EventBridge Scheduler takes the last day of a month (L) alone, not in a list: make two schedules of it"
    )


def _of_week(weekdays: Iterable[Any]) -> str:
    plain = sorted(day for day in weekdays if isinstance(day, int))
    special = [day for day in weekdays if not isinstance(day, int)]
    if not special:
        return ",".join("-".join(_WEEK[day] for day in part) for part in _parts(plain))
    if plain or len(special) > 1:
        raise UntranslatableError(
            "EventBridge Scheduler takes one weekday with # or L, not a list: make a schedule of each"
        )
    day, which = special[0]
    return f"{day + 1}L" if which == CronSim.LAST else f"{day + 1}#{which}"


def _field(values: Iterable[int], every: range) -> str:
    """Return numbers as a field: `*`, `start/step` up to the end of the field, or ranges and single numbers."""
    numbers = sorted(values)
    if len(numbers) == len(every):
        return "*"
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 0
    if step > 1 and numbers == list(range(numbers[0], every.stop, step)):
        return f"{numbers[0]}/{step}"
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
