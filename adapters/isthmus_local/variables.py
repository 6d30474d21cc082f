"""The variables that an app's functions declare, in the environment of this process while tests of that app run.

Threads share one environment: what is kept here is about the process itself, which several testbeds may hold at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from isthmus.plan import Plan
from isthmus.testing.errors import SharedEnvironmentError

_held: dict[str, list[str | None]] = {}
"""Name to what it was before anybody held it, followed by one value for each holder."""


def shared_variables(plan: Plan) -> dict[str, str]:
    """Return what the functions declare; `SharedEnvironmentError` where two of them disagree."""
    declared: dict[str, str] = {}
    for function in plan.functions:
        for name, value in function.environment.items():
            if declared.setdefault(name, value) != value:
                raise SharedEnvironmentError(name)
    return declared


def hold(variables: Mapping[str, str]) -> None:
    """Set variables, until as many times released."""
    for name, value in variables.items():
        _held.setdefault(name, [os.environ.get(name)]).append(value)
        os.environ[name] = value


def release(variables: Mapping[str, str]) -> None:
    """Put variables back to what they were, or to what another holder set."""
    for name, value in variables.items():
        values = _held[name]
        values.remove(value)
        last = values[-1]
        if len(values) == 1:
            del _held[name]
        if last is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = last
