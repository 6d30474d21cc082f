from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus_local.store import schedules
from tests.local.desk import NOON, Desk

FIRST = (NOON // 300 + 1) * 300
"""When a rate of five minutes fires first."""

FIVE = "rate(5 minutes)"
DAY = 86400.0


class Laptop:
    """A computer that starts and stops the app, and sleeps in between; the declaration may differ each time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.desk: Desk | None = None

    def start(self, now: float, timezone: str = "UTC", **expressions: str) -> float | None:
        self.stop()
        app = App("shop")
        for name, expression in expressions.items():
            app.schedule(name, expression, f"functions.jobs.{name}", timezone=timezone, payload={"job": name})
        self.desk = Desk(app, self._directory)
        self.desk.now = now
        due: float | None = self.desk.do(schedules.settle, self._schedules())
        return due

    def stop(self) -> None:
        if self.desk is not None:
            self.desk.database.close()

    def pass_to(self, now: float) -> tuple[list[str], float | None]:
        assert self.desk is not None
        self.desk.now = now
        fired: tuple[list[str], float | None] = self.desk.do(schedules.due, self._schedules())
        return fired

    def ticks(self, name: str) -> list[Any]:
        assert self.desk is not None
        return self.desk.bodies(f"{name}>Jobs{name[:1].upper()}{name[1:]}")

    def _schedules(self) -> list[Any]:
        assert self.desk is not None
        return [resource for resource in self.desk.app.resources if resource.kind == "schedule"]


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(tmp_path)
    yield laptop
    laptop.stop()


def test_nothing_fires_before_its_time(laptop: Laptop) -> None:
    assert laptop.start(NOON, clean=FIVE) == FIRST
    assert laptop.pass_to(FIRST - 0.001) == ([], FIRST)
    assert laptop.ticks("clean") == []


def test_a_firing_is_one_message_with_its_due_time_and_payload(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)

    assert laptop.pass_to(FIRST + 0.2) == (["clean"], FIRST + 300)
    assert laptop.pass_to(FIRST + 0.3) == ([], FIRST + 300)
    assert laptop.ticks("clean") == [{"schedule": "clean", "due": FIRST, "payload": {"job": "clean"}}]


def test_the_next_of_several_schedules_is_the_earliest(laptop: Laptop) -> None:
    due = laptop.start(NOON, nightly="0 3 * * *", clean=FIVE)

    assert due == FIRST
    assert laptop.pass_to(FIRST + DAY)[0] == ["nightly", "clean"]


def test_without_schedules_nothing_is_due(laptop: Laptop) -> None:
    assert laptop.start(NOON) is None
    assert laptop.pass_to(NOON + DAY) == ([], None)


def test_what_was_missed_while_the_laptop_slept_fires_once(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)
    fired, following = laptop.pass_to(FIRST + 3 * DAY + 1)

    assert fired == ["clean"]
    assert following == FIRST + 3 * DAY + 300
    assert len(laptop.ticks("clean")) == 1


def test_what_was_missed_while_the_app_was_stopped_fires_once_after_the_start(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)
    due = laptop.start(NOON + DAY, clean=FIVE)

    assert due == FIRST
    assert laptop.pass_to(NOON + DAY) == (["clean"], (NOON + DAY) // 300 * 300 + 300)
    assert len(laptop.ticks("clean")) == 1


def test_a_restart_does_not_postpone_a_schedule(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)

    assert laptop.start(FIRST - 1, clean=FIVE) == FIRST


def test_a_changed_expression_starts_anew(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)

    assert laptop.start(NOON + DAY, clean="rate(1 hour)") == ((NOON + DAY) // 3600 + 1) * 3600
    assert laptop.pass_to(NOON + DAY)[0] == []


def test_a_changed_time_zone_starts_anew(laptop: Laptop) -> None:
    berlin = laptop.start(NOON, "Europe/Berlin", nightly="0 3 * * *")
    utc = laptop.start(NOON, "UTC", nightly="0 3 * * *")

    assert berlin is not None
    assert utc == berlin + 3600


def test_a_schedule_that_is_no_longer_declared_is_forgotten(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE, nightly="0 3 * * *")
    laptop.start(NOON, clean=FIVE)
    laptop.pass_to(NOON + DAY)

    assert laptop.start(NOON + 2 * DAY, clean=FIVE, nightly="0 3 * * *") is not None
    assert laptop.pass_to(NOON + 2 * DAY)[0] == ["clean"], "the old time of nightly must not count as missed"


def test_a_clock_that_was_set_back_does_not_silence_a_schedule(laptop: Laptop) -> None:
    laptop.start(NOON + 30 * DAY, clean=FIVE)

    assert laptop.start(NOON, clean=FIVE) == FIRST


def test_fire_now_sends_one_more_and_keeps_the_times(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)
    assert laptop.desk is not None
    laptop.desk.call("schedule.fire", "clean")

    assert laptop.ticks("clean") == [{"schedule": "clean", "due": NOON, "payload": {"job": "clean"}}]
    assert laptop.pass_to(NOON) == ([], FIRST)


def test_a_firing_and_its_message_are_one_step(laptop: Laptop) -> None:
    laptop.start(NOON, clean=FIVE)
    desk = laptop.desk
    assert desk is not None
    desk.now = FIRST

    def due_and_fail(tx: Any) -> None:
        schedules.due(tx, [desk.resource("clean")])
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        desk.do(due_and_fail)

    assert laptop.ticks("clean") == []
    assert laptop.pass_to(FIRST)[0] == ["clean"]
