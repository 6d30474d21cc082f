from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.schedules import ScheduleError, faults, interval, next_after

ZURICH = ZoneInfo("Europe/Zurich")


def after(expression: str, timezone: str, *when: int) -> datetime:
    zone = ZoneInfo(timezone)
    start = datetime(*when, tzinfo=zone)  # type: ignore[arg-type,misc] # pyright: ignore
    return datetime.fromtimestamp(next_after(expression, timezone, start.timestamp()), zone)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(5 minutes)", 300), ("rate(2 hours)", 7200), ("rate(1 day)", 86400)],
)
def test_a_rate_fires_at_the_multiples_of_its_interval(expression: str, seconds: int) -> None:
    assert interval(expression) == seconds
    assert next_after(expression, "UTC", 1_000_000_000.5) % seconds == 0
    assert 0 < next_after(expression, "UTC", 1_000_000_000.5) - 1_000_000_000.5 <= seconds


def test_a_rate_that_has_just_fired_fires_next_an_interval_later() -> None:
    assert next_after("rate(5 minutes)", "UTC", 600.0) == 900.0


def test_a_cron_expression_is_read_in_its_time_zone() -> None:
    assert after("0 3 * * *", "Europe/Zurich", 2026, 1, 15, 12) == datetime(2026, 1, 16, 3, tzinfo=ZURICH)
    assert next_after("0 3 * * *", "UTC", 0) == 3 * 3600


def test_weekdays_have_names_and_steps_and_lists_work() -> None:
    assert after("0 9 * * MON-FRI", "UTC", 2026, 1, 16, 10) == datetime(2026, 1, 19, 9, tzinfo=UTC)
    assert after("*/20 * * * *", "UTC", 2026, 1, 16, 10, 1) == datetime(2026, 1, 16, 10, 20, tzinfo=UTC)
    assert after("5,35 * * * *", "UTC", 2026, 1, 16, 10, 6) == datetime(2026, 1, 16, 10, 35, tzinfo=UTC)


def test_a_firing_that_the_spring_skips_happens_right_after_the_gap() -> None:
    # On 29 March 2026 the clocks of Zurich go from 02:00 to 03:00.
    assert after("30 2 * * *", "Europe/Zurich", 2026, 3, 28, 12) == datetime(2026, 3, 29, 3, tzinfo=ZURICH)


def test_a_firing_that_the_autumn_repeats_happens_once() -> None:
    # On 25 October 2026 they go from 03:00 back to 02:00.
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZURICH)

    assert next_after("30 2 * * *", "Europe/Zurich", datetime(2026, 10, 24, 12, tzinfo=ZURICH).timestamp()) == (
        first.timestamp()
    )
    assert after("30 2 * * *", "Europe/Zurich", 2026, 10, 25, 2, 30) == datetime(2026, 10, 26, 2, 30, tzinfo=ZURICH)


def test_the_29th_of_february_is_waited_for() -> None:
    assert after("0 0 29 2 *", "UTC", 2026, 1, 1) == datetime(2028, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        *("", "rate", "rate()", "rate(5)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1.5 hours)", "rate(5 weeks)"),
        *("rate(5 minutes", "rate(5minutes)", "rate(9999999 days)", "Rate(5 minutes)", "rate(\u0665 minutes)"),
        *("* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 32 * *", "* * * 13 *", "* * * * 8"),
        *("0 0 30 2 *", "0 0 * * FRI-MON", "*/0 * * * *", "a b c d e", "@daily", "1 2 3 4 " + "9" * 5000),
        None,
        5,
    ],
)
def test_an_expression_that_means_nothing_is_told_with_how_one_reads(expression: object) -> None:
    (fault,) = faults(expression, "UTC")

    assert len(fault) < 300


@pytest.mark.parametrize("timezone", ["Europe/Zurch", "", "../etc/passwd", "/etc/passwd", "A" * 300, "UTC\0", None, 5])
def test_a_time_zone_that_there_is_not_is_told(timezone: object) -> None:
    assert len(faults("rate(1 hour)", timezone)) == 1


def test_a_mistyped_time_zone_is_told_with_the_right_one() -> None:
    assert faults("rate(1 hour)", "Europe/Zurch") == [
        "there is no time zone 'Europe/Zurch': did you mean 'Europe/Zurich'?"
    ]


def test_asking_for_the_next_firing_of_nonsense_raises() -> None:
    with pytest.raises(ScheduleError, match="an expression is"):
        next_after("hourly", "UTC", 0)


expressions = st.one_of(
    st.sampled_from(["rate(1 minute)", "rate(7 hours)", "0 3 * * *", "*/15 * * * *", "30 2 * * SUN", "0 0 1 * *"]),
    st.tuples(st.integers(0, 59), st.integers(0, 23)).map(lambda at: f"{at[0]} {at[1]} * * *"),
)
zones = st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(expressions, zones, st.floats(0, 4e9))
def test_the_next_firing_is_later_and_nothing_fires_in_between(expression: str, timezone: str, time: float) -> None:
    firing = next_after(expression, timezone, time)

    assert firing > time
    assert next_after(expression, timezone, (time + firing) / 2) in (firing, next_after(expression, timezone, firing))


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_written_is_either_a_schedule_or_has_a_fault(expression: str, timezone: str) -> None:
    if not faults(expression, timezone):
        assert next_after(expression, timezone, 1e9) > 1e9
