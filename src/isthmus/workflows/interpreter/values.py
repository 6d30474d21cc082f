"""The values of fields that a state may compute, held to the types that they must have."""

from __future__ import annotations

import re
from typing import Any

from isthmus.shapes import is_number, shown
from isthmus.workflows.dataflow import Scope
from isthmus.workflows.interpreter.program import Step
from isthmus.workflows.states_error import QUERY, RUNTIME, StatesError

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)


def whole(step: Step, name: str, scope: Scope, *, least: int = 0) -> int | None:
    """Return the value of a field that is a whole number; None where the state has none."""
    value = number(step, name, scope, kind="integer")
    if value is None:
        return None
    if value != int(value):
        raise wrong(step, name, value, "integer")
    if value < least:
        raise _fault(step, f"{name} cannot be {'negative' if least == 0 else f'less than {least}'}.")
    return int(value)


def share(step: Step, name: str, scope: Scope) -> float | None:
    """Return the value of a field that is a percentage; None where the state has none."""
    value = number(step, name, scope, kind="float")
    if value is not None and not 0 <= value <= 100:
        raise _fault(step, f"{name} must be between 0 and 100.")
    return value


def number(step: Step, name: str, scope: Scope, *, kind: str) -> float | None:
    """Return the value of a field that is a number, be it as text, which a path may lead to."""
    if not step.has(name):
        return None
    value = step.flow.field(step.state, name, scope)
    if isinstance(value, str) and f"{name}Path" in step.state.fields and _NUMBER.fullmatch(value):
        return float(value)
    if not is_number(value):
        raise wrong(step, name, value, kind)
    return value


def text(step: Step, name: str, scope: Scope) -> str:
    """Return the value of a field that is text; "" where the state has none."""
    if not step.has(name):
        return ""
    value = step.flow.field(step.state, name, scope)
    if not isinstance(value, str):
        raise wrong(step, name, value, "string")
    return value


def wrong(step: Step, name: str, value: Any, kind: str) -> StatesError:
    """Return the failure of a state whose field has a value of the wrong type."""
    path = step.state.fields.get(f"{name}Path")
    field, rest = (f"{name}Path", f": {path}") if isinstance(path, str) else (name, "")
    return _fault(step, f"The {field} field refers to value {shown(value)} which is not a valid {kind}{rest}")


def _fault(step: Step, cause: str) -> StatesError:
    return StatesError(QUERY if step.state.language == "JSONata" else RUNTIME, cause)
