"""Plans an app on Google, and tells what its rules find."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import Plan, plan

TARGET = Target(provider="gcp", stage="dev", account="shop-project", region="europe-west3")

HANDLERS = "tests.core.plan.handlers"
"""The module whose functions the tests' apps name."""


def planned(declare: Callable[[App], object], name: str = "shop") -> Plan:
    """Return the plan of an app that `declare` fills."""
    app = App(name)
    declare(app)
    return plan(app, TARGET)


def problems(declare: Callable[[App], object], name: str = "shop") -> list[str]:
    """Return what the plan of such an app finds wrong."""
    return [problem.what for problem in planned(declare, name).problems]


def notes(declare: Callable[[App], object]) -> list[str]:
    """Return what the plan of such an app notes."""
    return [note.what for note in planned(declare).notes]
