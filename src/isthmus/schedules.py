"""When a schedule fires: `rate(5 minutes)`, or five cron fields read in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from isthmus.declarations.options import did_you_mean
from isthmus.errors import IsthmusError
from isthmus.shapes import shown

_RATE = re.compile(r"rate\(\s*([0-9]{1,6})\s+(minute|hour|day)s?\s*\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_FIELDS = 5


class ScheduleError(IsthmusError, ValueError):
    """A schedule's expression or time zone means nothing: what it should be."""


def next_after(expression: str, timezone: str, time: float) -> float:
    """Return the first firing after `time`, both in epoch seconds; `ScheduleError` where the schedule means nothing.

    A rate fires at the multiples of its interval since the epoch, so that a restart does not move it. A cron firing
    that a change of the clock skips happens right after the gap; one that it repeats happens once.
    """
    seconds = interval(expression)
    if seconds is not None:
        return (time // seconds + 1) * seconds
    zone = _zone(timezone)
    return _first(_cron(expression, datetime.fromtimestamp(time, zone)), time)


def _first(firings: CronSim, time: float) -> float:
    for firing in firings:
        at: float = firing.timestamp()
        if at > time:
            return at
    raise ScheduleError("this schedule never fires again")


def interval(expression: str) -> int | None:
    """Return the seconds of `rate(…)`; None where the expression is none; `ScheduleError` for one that is malformed."""
    if not expression.startswith("rate"):
        return None
    match = _RATE.fullmatch(expression)
    if match is None or int(match[1]) == 0:
        raise ScheduleError(f"a rate reads like 'rate(5 minutes)', in minutes, hours or days, not {shown(expression)}")
    return int(match[1]) * _SECONDS[match[2]]


def faults(expression: object, timezone: object) -> list[str]:
    """Return what is wrong with a schedule, each with what it should be; nothing where it is well-formed."""
    return [fault for fault in (_fault_of_expression(expression), _fault_of_timezone(timezone)) if fault]


def _fault_of_expression(expression: object) -> str:
    if not isinstance(expression, str):
        return f"an expression is text, such as 'rate(5 minutes)' or '0 3 * * MON-FRI', not {shown(expression)}"
    try:
        next_after(expression, "UTC", datetime.now(UTC).timestamp())
    except ScheduleError as error:
        return str(error)
    return ""


def _fault_of_timezone(timezone: object) -> str:
    if not isinstance(timezone, str):
        return f"a time zone is an IANA name such as 'Europe/Zurich', not {shown(timezone)}"
    try:
        _zone(timezone)
    except ScheduleError as error:
        return str(error)
    return ""


def _zone(timezone: str) -> tzinfo:
    if timezone == "UTC":  # needs no database of time zones, which some machines lack
        return UTC
    try:
        return ZoneInfo(timezone)
    except (LookupError, ValueError, OSError) as error:
        known = available_timezones()
        if not known:
            raise ScheduleError(
                f"this machine has no time zones to find {shown(timezone)} in: pip install tzdata"
            ) from error
        raise ScheduleError(f"there is no time zone {shown(timezone)}: {_suggestion(timezone, known)}") from error


def _suggestion(timezone: str, known: set[str]) -> str:
    suggestion = did_you_mean(timezone, known)
    return suggestion if suggestion.startswith("did") else "IANA names read like 'Europe/Zurich'"


def _cron(expression: str, start: datetime) -> CronSim:
    if len(expression.split()) != _FIELDS:
        raise ScheduleError(
            f"an expression is 'rate(5 minutes)', or five fields (minute hour day month weekday) "
            f"such as '0 3 * * MON-FRI', not {shown(expression)}"
        )
    try:
        return CronSim(expression, start)
    except (CronSimError, ValueError, AssertionError) as error:  # a number of thousands of digits is a ValueError
        raise ScheduleError(f"the cron expression {shown(expression)} is malformed: {error or 'unreadable'}") from error
