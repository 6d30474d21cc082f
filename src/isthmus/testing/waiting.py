"""Waiting for what happens elsewhere, with a failure that says what was waited for."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

INTERVAL = 0.02
"""Seconds between two looks."""


def wait_until(
    condition: Callable[[], T],
    timeout: float = 10,
    *,
    what: str = "",
    failures: Callable[[], str] = lambda: "",
) -> T:
    """Return what `condition` returns once that is true; an `AssertionError` after `timeout` seconds.

    A condition that raises a `LookupError`, a `TypeError` or an `AssertionError` does not hold yet: what it asks about
    is not there. The failure shows `what` (the condition's own source, if empty), what it came to at last, and
    whatever `failures` returns.
    """
    deadline = time.monotonic() + timeout
    while True:
        result, outcome = _look(condition)
        if result:
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(_report(what or describe(condition), timeout, outcome, failures()))
        time.sleep(INTERVAL)


def _look(condition: Callable[[], T]) -> tuple[T | None, str]:
    """Return what the condition returned, and in words what came of it."""
    try:
        result = condition()
    except (LookupError, TypeError, AssertionError) as error:
        return None, f"it raised {type(error).__name__}: {error}"
    return result, f"it returned {result!r}"


def describe(condition: Callable[[], object]) -> str:
    """Return the condition's source in one line, with its place; its repr where there is no source."""
    try:
        source = " ".join(inspect.getsource(condition).split())
        path = inspect.getsourcefile(condition)
        line = inspect.unwrap(condition).__code__.co_firstlineno
    except (OSError, TypeError, AttributeError):
        return repr(condition)
    return f"{source}  ({path}:{line})"


def _report(what: str, timeout: float, outcome: str, failures: str) -> str:
    told = f"waited {timeout:g} s in vain for: {what}\nat last {outcome}"
    return f"{told}\nwhat failed meanwhile:\n{failures}" if failures else f"{told}\nnothing failed meanwhile"
