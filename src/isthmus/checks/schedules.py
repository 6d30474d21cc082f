"""Schedules: an expression and a time zone that mean something, and a payload that is JSON."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus import schedules
from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.schedule import Schedule
from isthmus.shapes import not_json


def check(draft: Draft) -> Iterator[Problem]:
    """Yield what is wrong with each schedule."""
    for schedule in draft.of(Schedule):
        faults = schedules.faults(schedule.expression, schedule.timezone) if schedule.expression else []
        unwritable = not_json(schedule.payload)
        for fault in (*faults, *([f"its payload is no JSON: {unwritable}"] if unwritable else ())):
            yield Problem(schedule.where, f"{label(schedule)}: {fault}")
