from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from isthmus_aws.rules.cron import UntranslatableError, translated

SUNDAY_FIRST = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/5 * * * *", "cron(0/5 * * * ? *)"),
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("0 3 * * MON-FRI", "cron(0 3 ? * MON-FRI *)"),
        ("0 3 * * 1-5", "cron(0 3 ? * MON-FRI *)"),
        ("0 3 * * 0", "cron(0 3 ? * SUN *)"),
        ("0 3 * * 7", "cron(0 3 ? * SUN *)"),
        ("0 3 * * 5-7", "cron(0 3 ? * SUN,FRI,SAT *)"),
        ("0 3 1,15 * *", "cron(0 3 1,15 * ? *)"),
        ("0 3 L * *", "cron(0 3 L * ? *)"),
        ("0 3 * * 5L", "cron(0 3 ? * 6L *)"),
        ("0 3 * * MON#2", "cron(0 3 ? * 2#2 *)"),
        ("0 3 * * 0#1", "cron(0 3 ? * 1#1 *)"),
        ("10-40/10 8-18 * JAN,JUL *", "cron(10,20,30,40 8-18 * 1,7 ? *)"),
        ("0 3 1 * *", "cron(0 3 1 * ? *)"),
        ("0 3 1 * 0-6", "cron(0 3 * * ? *)"),
        ("rate(1 minute)", "rate(1 minute)"),
        ("rate(1 minutes)", "rate(1 minute)"),
        ("rate( 5  minutes )", "rate(5 minutes)"),
        ("rate(60 minutes)", "rate(1 hour)"),
        ("rate(90 minutes)", "rate(90 minutes)"),
        ("rate(24 hours)", "rate(1 day)"),
    ],
)
def test_an_expression_is_said_as_scheduler_says_it(expression: str, expected: str) -> None:
    assert translated(expression) == expected


@pytest.mark.parametrize(
    ("expression", "remedy"),
    [
        ("0 0 1 * MON", "two schedules"),
        ("0 0 */2 * MON", "two schedules"),
        ("0 0 1 * MON#1", "two schedules"),
        ("0 0 LW * *", "take L"),
        ("0 0 1,L * *", "make two schedules"),
        ("0 0 * * 1#1,3#2", "a schedule of each"),
        ("0 0 * * MON,5L", "a schedule of each"),
    ],
)
def test_what_scheduler_cannot_be_told_is_refused_with_what_to_do(expression: str, remedy: str) -> None:
    with pytest.raises(UntranslatableError, match=remedy):
        translated(expression)


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    ranges = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.tuples(ranges, st.integers(1, 12)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    part = st.one_of(numbers.map(str), ranges, steps)
    lists = st.lists(part, min_size=1, max_size=4).map(",".join)
    return st.one_of(st.just("*"), st.integers(1, high).map(lambda step: f"*/{step}"), lists)


_TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(lambda at: at.replace(second=0, microsecond=0))


@given(
    minute=_field(0, 59),
    hour=_field(0, 23),
    month=_field(1, 12),
    day=st.one_of(
        st.tuples(_field(1, 28), st.just("*")),
        st.tuples(st.just("*"), _field(0, 7)),
        st.tuples(st.just("*"), st.sampled_from(["5L", "0#1", "MON#3", "7L"])),
        st.tuples(st.just("L"), st.just("*")),
    ),
    times=st.lists(_TIMES, min_size=1, max_size=20),
)
def test_a_translation_fires_when_the_expression_does(
    minute: str, hour: str, month: str, day: tuple[str, str], times: list[datetime]
) -> None:
    """Scheduler's own reading is taken from its documentation: see `_fires`."""
    expression = f"{minute} {hour} {day[0]} {month} {day[1]}"
    fields = translated(expression).removeprefix("cron(").removesuffix(")").split()
    firings = CronSim(expression, times[0])
    near = [time + timedelta(minutes=by) for time in (next(firings), next(firings)) for by in (-1, 0, 1)]

    assert (fields[2] == "?") != (fields[4] == "?")
    for time in (*times, *near):
        assert _fires(fields, time) == (next(CronSim(expression, time - timedelta(minutes=1))) == time)


def _fires(fields: list[str], at: datetime) -> bool:
    minute, hour, day, month, weekday, _year = fields
    return (
        at.minute in _numbers(minute, 0, 59)
        and at.hour in _numbers(hour, 0, 23)
        and at.month in _numbers(month, 1, 12)
        and _of_month(day, at)
        and _of_week(weekday, at)
    )


def _of_month(field: str, at: datetime) -> bool:
    if field == "L":
        return (at + timedelta(days=1)).month != at.month
    return field == "?" or at.day in _numbers(field, 1, 31)


def _of_week(field: str, at: datetime) -> bool:
    today = at.isoweekday() % 7 + 1
    if field.endswith("L"):
        return today == int(field[:-1]) and (at + timedelta(days=7)).month != at.month
    if "#" in field:
        weekday, nth = field.split("#")
        return today == int(weekday) and (at.day + 6) // 7 == int(nth)
    for number, name in enumerate(SUNDAY_FIRST, 1):
        field = field.replace(name, str(number))
    return field == "?" or today in _numbers(field, 1, 7)


def _numbers(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        found |= set(range(int(first), int(last or (high if step else first)) + 1, int(step or 1)))
    return found
