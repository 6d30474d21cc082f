"""Tests of an app: run it in this process, make events for a handler alone, and prove a provider's contract.

Names are found when they are first used, so that the pytest plugin costs nothing where it is not used.
"""

from __future__ import annotations

from isthmus._typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is imported on demand must be visible to checkers
    from isthmus.testing.app import TestApp as TestApp
    from isthmus.testing.clock import FakeClock as FakeClock
    from isthmus.testing.factories import context as context
    from isthmus.testing.factories import http_request as http_request
    from isthmus.testing.factories import linked as linked
    from isthmus.testing.factories import message as message
    from isthmus.testing.factories import object_event as object_event
    from isthmus.testing.factories import table_change as table_change
    from isthmus.testing.factories import tick as tick
    from isthmus.testing.faults import CrashAfterWork as CrashAfterWork
    from isthmus.testing.faults import Faults as Faults
    from isthmus.testing.faults import Poison as Poison
    from isthmus.testing.faults import Slow as Slow
    from isthmus.testing.waiting import wait_until as wait_until

_MODULES = {
    "CrashAfterWork": "faults",
    "FakeClock": "clock",
    "Faults": "faults",
    "Poison": "faults",
    "Slow": "faults",
    "TestApp": "app",
    "context": "factories",
    "http_request": "factories",
    "linked": "factories",
    "message": "factories",
    "object_event": "factories",
    "table_change": "factories",
    "tick": "factories",
    "wait_until": "waiting",
}

__all__ = [
    "CrashAfterWork",
    "FakeClock",
    "Faults",
    "Poison",
    "Slow",
    "TestApp",
    "context",
    "http_request",
    "linked",
    "message",
    "object_event",
    "table_change",
    "tick",
    "wait_until",
]


def __getattr__(name: str) -> object:
    """Import what is asked for, and keep it."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'isthmus.testing' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"isthmus.testing.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
