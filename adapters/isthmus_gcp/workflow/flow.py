"""How data flows through a state: what goes in, what leaves, and what is assigned.

https://states-language.net/spec.html#filters
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from isthmus.shapes import is_text
from isthmus.workflows.json_path import reference
from isthmus.workflows.json_path.segments import Index, Key
from isthmus_gcp.workflow import paths, templates
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import VARIABLES, Scope
from isthmus_gcp.workflow.steps import Steps

DATA = "data"
"""The variable that a state's input is in, and then its output."""

LARGE = {"result": ("result",), "results": ("results", "items")}
"""Variables that are set free with a result, since the memory of all variables together is limited."""


@contextmanager
def within(field: str) -> Generator[None]:
    """Say in which field of a state something has no counterpart, or cannot be read."""
    try:
        yield
    except UnportableError as error:
        raise UnportableError(error.reason, f"/{field}{error.under}") from error
    except ValueError as error:
        raise UnportableError(str(error), f"/{field}") from error


def effective(steps: Steps, fields: Mapping[str, Any]) -> str:
    """Return the code of a state's input as `InputPath` selects it."""
    with within("InputPath"):
        return _filtered(steps, fields.get("InputPath", "$"), DATA)


def arguments(steps: Steps, fields: Mapping[str, Any]) -> str:
    """Return the code of what a state works on: its effective input, as `Parameters` make it."""
    data = effective(steps, fields)
    if "Parameters" not in fields:
        return steps.short(data)
    return made(steps, fields, "Parameters", Scope(steps.short(data)))


def made(steps: Steps, fields: Mapping[str, Any], field: str, scope: Scope) -> str:
    """Return the variable with what a template makes."""
    with within(field):
        return steps.let(templates.value(steps, fields[field], scope))


def leave(steps: Steps, fields: Mapping[str, Any], result: str) -> None:
    """Let `data` be the output of a state that has come to what the code `result` stands for, and assign."""
    result = steps.short(result)
    assigned = _assigned(steps, fields, result)
    chosen = made(steps, fields, "ResultSelector", Scope(result)) if "ResultSelector" in fields else result
    with within("ResultPath"):
        placed = _placed(steps, fields.get("ResultPath", "$"), chosen)
    release(steps, fields, placed)
    keep(steps, assigned)
    for variable in LARGE.get(result, ()):
        steps.assign(variable, None)


def pass_on(steps: Steps, fields: Mapping[str, Any], assigning: Mapping[str, Any], data: str) -> None:
    """Let `data` be the output of a state that has no result, and assign what `assigning` says."""
    data = steps.short(data)
    assigned = _assigned(steps, assigning, data)
    release(steps, fields, data)
    keep(steps, assigned)


def caught(steps: Steps, catcher: Mapping[str, Any], error: str) -> None:
    """Let `data` be what leaves by a catcher, and assign."""
    assigned = _assigned(steps, catcher, error)
    with within("ResultPath"):
        placed = _placed(steps, catcher.get("ResultPath", "$"), error)
    if placed != DATA:
        steps.assign(DATA, expression(placed))
    keep(steps, assigned)


def release(steps: Steps, fields: Mapping[str, Any], output: str) -> None:
    """Let `data` be what `OutputPath` lets out."""
    with within("OutputPath"):
        code = _filtered(steps, fields.get("OutputPath", "$"), output)
    if code != DATA:
        steps.assign(DATA, expression(code))


def keep(steps: Steps, assigned: str) -> None:
    """Add to the variables, where there is something to be added."""
    if assigned:
        steps.assign(VARIABLES, expression(f"map.merge({VARIABLES}, {assigned})"))


def _assigned(steps: Steps, fields: Mapping[str, Any], result: str) -> str:
    return made(steps, fields, "Assign", Scope(result)) if fields.get("Assign") else ""


def _filtered(steps: Steps, path: Any, data: str) -> str:
    if path is None:
        return steps.let({})
    if not is_text(path):
        raise UnportableError("a path is a text, or null")
    return data if path == "$" else paths.read(steps, path, Scope(data))


def _placed(steps: Steps, text: Any, result: str) -> str:
    if text is None:
        return DATA
    if not is_text(text):
        raise UnportableError("a path is a text, or null")
    path = reference.parse(text)
    if path.base != "$":
        raise UnportableError("it can only name a place in the state's input")
    if not path.segments:
        return result
    places = [_place(segment) for segment in path.segments]
    arguments = {"target": expression(DATA), "path": steps.literal(places), "value": expression(result)}
    return steps.call("states_place", arguments, "placed")


def _place(segment: object) -> str | int:
    if isinstance(segment, Key):
        return segment.name
    if isinstance(segment, Index) and segment.index >= 0:
        return segment.index
    raise UnportableError("a position from the end of a list")
