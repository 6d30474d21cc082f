"""One state: its type, and what of its fields must fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from isthmus.shapes import is_mapping, is_number, shown
from isthmus.workflows.lint.forms import Form
from isthmus.workflows.lint.languages import settled
from isthmus.workflows.lint.spot import MachineSite, Spot
from isthmus.workflows.lint.states import BEFORE, STATES
from isthmus.workflows.lint.values import kind

EVERYWHERE = frozenset(name for form in STATES.values() for name in (*form.fields, *form.json_path, *form.jsonata))
"""Every field that a state of some type has."""

_FORMS = {name: replace(form, elsewhere=EVERYWHERE) for name, form in STATES.items()}


def state(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a state."""
    if not is_mapping(value):
        spot.wrong(f"must be an object with a 'Type', not {kind(value)}")
        _may_end(spot)
        return
    here = settled(spot, value).seeing(BEFORE)
    form = _form(here, value)
    fields = form.check(here, value)
    _leaves(here, form, fields)
    _times(here, fields)


def _form(spot: Spot, value: Mapping[Any, Any]) -> Form:
    """Return the form of the type that a state has, or was meant to have."""
    written = "Type" if "Type" in value else next((n for n in map(str, value) if spot.nearest(n, ("Type",))), None)
    if written is None:
        spot.wrong(f"a state needs 'Type': {', '.join(STATES)}")
        return _ANY
    said = value.get(written)
    if isinstance(said, str) and said in _FORMS:
        return _FORMS[said]
    near = spot.nearest(said, tuple(STATES)) if isinstance(said, str) else None
    told = f"did you mean {near!r}?" if near else f"known: {', '.join(STATES)}"
    spot.at(written).wrong(f"there is no type of states {shown(said) if isinstance(said, str) else kind(said)}: {told}")
    return _FORMS[near] if near else _ANY


def _leaves(spot: Spot, form: Form, fields: Mapping[str, Any]) -> None:
    machine: MachineSite | None = spot.machine
    if machine is None:
        return
    if any(form is ending for ending in _ENDING) or fields.get("End") is True:
        machine.ends.add(spot.state)
    elif fields.get("End") is False and "Next" not in fields:
        spot.at("End").wrong("a state that does not end its machine goes on: give it a 'Next', or 'End': true")
        machine.unsaid.add(spot.state)
    elif "Next" not in fields and form.exactly:
        machine.unsaid.add(spot.state)


_ANY = Form(
    what="a state",
    fields={name: check for form in STATES.values() for name, check in form.fields.items()},
    json_path={name: check for form in STATES.values() for name, check in form.json_path.items()},
    jsonata={name: check for form in STATES.values() for name, check in form.jsonata.items()},
)
"""The form of a state of which nobody knows the type: it may have the fields of all types."""

_ENDING = (*(_FORMS[name] for name in ("Succeed", "Fail")), _ANY)
"""The forms of states that end their machine, or may do so."""


def _times(spot: Spot, fields: Mapping[str, Any]) -> None:
    timeout, heartbeat = fields.get("TimeoutSeconds"), fields.get("HeartbeatSeconds")
    if is_number(timeout) and is_number(heartbeat) and heartbeat >= timeout:
        spot.at("HeartbeatSeconds").wrong(
            f"a heartbeat of {heartbeat} s is never missed within a timeout of {timeout} s: it must be shorter"
        )


def _may_end(spot: Spot) -> None:
    if spot.machine:
        spot.machine.ends.add(spot.state)
