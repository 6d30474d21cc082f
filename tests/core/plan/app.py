"""What the tests of plans share: a target, an app, and the problems that its plan tells."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.declarations.app import App
from isthmus.declarations.problem import Problem
from isthmus.declarations.target import Target
from isthmus.plan import Plan, plan
from isthmus.ports import Provider
from tests.fakes import FakeProvider

TARGET = Target(provider="fake", stage="dev")

HANDLERS = "tests.core.plan.handlers"
"""The module whose functions the tests' apps name."""


def planned(declare: Callable[[App], object], provider: Provider | None = None) -> Plan:
    """Return the plan of an app that `declare` fills."""
    app = App("shop")
    declare(app)
    return plan(app, TARGET, provider or FakeProvider())


def problems(declare: Callable[[App], object], provider: Provider | None = None) -> list[str]:
    """Return what the plan of such an app finds wrong."""
    return [problem.what for problem in planned(declare, provider).problems]


def notes(declare: Callable[[App], object], provider: Provider | None = None) -> list[Problem]:
    """Return what the plan of such an app notes."""
    return list(planned(declare, provider).notes)
