from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.rules.planning import HANDLERS, notes, problems


def schedule(app: App, expression: str = "0 3 * * *", **options: Any) -> None:
    app.schedule("Nightly", expression, f"{HANDLERS}.tick", **options)


def test_a_day_of_the_month_and_of_the_week_are_refused_with_what_to_do() -> None:
    (what,) = problems(lambda app: schedule(app, "0 0 1 * MON"))

    assert "schedule 'Nightly': '0 0 1 * MON': EventBridge Scheduler takes a day of the month or" in what
    assert "make two schedules of it" in what


def test_a_malformed_expression_is_told_once() -> None:
    assert len(problems(lambda app: schedule(app, "0 0 * *"))) == 1
    assert len(problems(lambda app: schedule(app, "0 0 32 * *"))) == 1


@pytest.mark.parametrize("expression", ["0 3 * * *", "rate(5 minutes)", "*/15 8-18 * * MON-FRI"])
def test_what_scheduler_can_do_is_taken(expression: str) -> None:
    assert problems(lambda app: schedule(app, expression, timezone="Europe/Zurich")) == []


def test_a_payload_that_a_message_cannot_hold_is_refused() -> None:
    (what,) = problems(lambda app: schedule(app, payload="x" * 256 * 1024))

    assert "put it into a bucket" in what


def test_a_payload_that_scheduler_would_change_is_refused() -> None:
    (what,) = problems(lambda app: schedule(app, payload={"note": "<aws.scheduler.scheduled-time>"}))

    assert "replaces by a value of its own: reword it" in what


def test_a_firing_that_the_clocks_skip_is_noted() -> None:
    (what,) = notes(lambda app: schedule(app, "30 2 * * *", timezone="Europe/Zurich"))

    assert "EventBridge Scheduler does not fire it on" in what
    assert "when the clocks of Europe/Zurich skip 02:30" in what
    assert "take another hour, or UTC" in what


@pytest.mark.parametrize(
    ("expression", "timezone"),
    [
        ("30 2 * * *", "UTC"),
        ("30 3 * * *", "Europe/Zurich"),
        ("30 2 * * *", "Asia/Tokyo"),
        ("30 2 * * MON-FRI", "Europe/Zurich"),  # the clocks change on Sundays
        ("rate(1 hour)", "Europe/Zurich"),
    ],
)
def test_a_firing_that_no_clock_skips_is_not_noted(expression: str, timezone: str) -> None:
    assert notes(lambda app: schedule(app, expression, timezone=timezone)) == []


def test_the_hour_that_is_skipped_is_found_south_of_the_equator_too() -> None:
    (what,) = notes(lambda app: schedule(app, "*/30 * * * *", timezone="Australia/Lord_Howe"))

    assert "skip 02:00" in what  # half an hour, there
