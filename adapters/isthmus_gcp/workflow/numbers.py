"""Numbers that a field has, or a path leads to."""

from __future__ import annotations

from typing import Any

from isthmus.shapes import is_number
from isthmus.workflows.definition import State
from isthmus_gcp.workflow import templates
from isthmus_gcp.workflow.expressions import checked_number, expression
from isthmus_gcp.workflow.flow import effective, within
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.steps import Steps

GREATEST = 1_000_000_000_000
"""More than any field may be."""


def number(steps: Steps, state: State, name: str, *, least: int = 0, most: int = GREATEST, whole: bool = True) -> Any:
    """Return a field's number as a value of YAML; None where the state has no such field."""
    if name in state.fields:
        with within(name):
            return _literal(state.fields[name], least, most, whole=whole)
    path = f"{name}Path"
    if path not in state.fields:
        return None
    with within(path):
        code = templates.computed(steps, state.fields[path], Scope(steps.short(effective(steps, state.fields))))
        value = expression(steps.short(code))
    limits = {"least": least, "most": most, "whole": whole, "texts": True, "what": path}
    return expression(steps.call("states_number", {"value": value, **limits}, "number"))


def _literal(value: Any, least: int, most: int, *, whole: bool) -> Any:
    if not is_number(value) or not least <= value <= most or (whole and value != int(value)):
        raise UnportableError(f"{value!r:.40} is no number that it may be")
    return int(value) if whole else checked_number(value)
