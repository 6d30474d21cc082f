"""A schedule's expression as Cloud Scheduler takes it."""

from __future__ import annotations

from datetime import datetime

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from isthmus_gcp.rules.cron import UntranslatableError, translated
from isthmus_gcp.rules.minutes import expression, minutes


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("5 0 * * *", "5 0 * * *"),
        ("*/15 * * * *", "*/15 * * * *"),
        ("0 3 * * MON-FRI", "0 3 * * 1-5"),
        ("0 3 * * 7", "0 3 * * 0"),
        ("0 3 1,15 JAN *", "0 3 1,15 1 *"),
        ("0 3 1 * MON", "0 3 1 * 1"),
        ("10-12 3 * * *", "10-12 3 * * *"),
        ("rate(1 minute)", "* * * * *"),
        ("rate(5 minutes)", "*/5 * * * *"),
        ("rate(1 hour)", "0 * * * *"),
        ("rate(6 hours)", "0 */6 * * *"),
        ("rate(1 day)", "0 0 * * *"),
        ("rate(7 minutes)", "every 7 minutes"),
        ("rate(5 hours)", "every 5 hours"),
        ("rate(2 days)", "every 48 hours"),
        ("rate(90 minutes)", "every 90 minutes"),
    ],
)
def test_an_expression_is_written_as_scheduler_takes_it(declared: str, expected: str) -> None:
    assert translated(declared) == expected


@pytest.mark.parametrize("declared", ["0 3 L * *", "0 3 LW * *", "0 3 * * FRI#2", "0 3 * * 5L"])
def test_what_scheduler_does_not_know_is_refused_with_what_to_do(declared: str) -> None:
    with pytest.raises(UntranslatableError, match="look at the day in the handler"):
        translated(declared)


FIELDS = st.tuples(
    st.sampled_from(["0", "*", "*/7", "3-9/2", "1,2,3,50"]),
    st.sampled_from(["0", "*", "*/5", "22-23", "1,13"]),
    st.sampled_from(["*", "1", "*/10", "28-31", "5,6"]),
    st.sampled_from(["*", "2", "JAN-MAR", "*/5"]),
    st.sampled_from(["*", "0", "7", "MON-FRI", "1,3", "SAT,SUN"]),
)


@given(FIELDS)
def test_it_fires_when_the_declared_one_does(fields: tuple[str, ...]) -> None:
    start = datetime(2026, 1, 1)
    try:
        written = translated(" ".join(fields))
    except UntranslatableError:
        assert fields[2].startswith("*/") or fields[4].startswith("*/")
        return
    one, other = CronSim(" ".join(fields), start), CronSim(written, start)

    assert [next(one) for _ in range(20)] == [next(other) for _ in range(20)]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, 1), (0.2, 1), (60, 1), (60.1, 2), (300, 5), (301, 6), (420, 10), (3600, 60), (9999, 60)],
)
def test_a_window_is_whole_minutes_that_go_into_an_hour(seconds: float, expected: int) -> None:
    assert minutes(seconds) == expected
    assert CronSim(expression(expected), datetime(2026, 1, 1))
