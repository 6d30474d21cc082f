"""Machines: the definition itself, the branches of a Parallel, and what a Map does with each item."""

from __future__ import annotations

from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.lint.forms import Form
from isthmus.workflows.lint.languages import settled
from isthmus.workflows.lint.maps import processor_config
from isthmus.workflows.lint.spot import MachineSite, Spot
from isthmus.workflows.lint.transitions import start
from isthmus.workflows.lint.values import anything, computed, kind, text, whole
from isthmus.workflows.lint.variables import LONGEST_NAME


def states(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the states of a machine, and with their names over the whole definition."""
    if not is_mapping(value) or not value:
        spot.wrong(f"must be an object of one or more states, not {'an empty one' if value == {} else kind(value)}")
        return
    for name, state in value.items():
        here = spot.at(str(name)).of(str(name))
        _named(here, name)
        here.later(spot.lint.state, state)


_FIELDS = {"StartAt": start, "States": states, "QueryLanguage": anything, "Comment": text}

DEFINITION = Form(
    what="a definition",
    fields={**_FIELDS, "Version": text, "TimeoutSeconds": computed(whole(1))},
    required=("StartAt", "States"),
    elsewhere=frozenset({"ProcessorConfig"}),
)
"""The whole document."""

BRANCH = Form(
    what="a branch",
    fields=_FIELDS,
    required=("StartAt", "States"),
    elsewhere=frozenset({"Version", "TimeoutSeconds", "ProcessorConfig"}),
)
"""A branch of a Parallel."""

PROCESSOR = Form(
    what="the machine of a Map",
    fields={**_FIELDS, "ProcessorConfig": processor_config},
    required=("StartAt", "States"),
    elsewhere=frozenset({"Version", "TimeoutSeconds"}),
)
"""What a Map does with each item."""


def definition(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a whole document."""
    _machine(spot, value, DEFINITION)


def branches(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the branches of a Parallel."""
    if not is_list(value) or not value:
        spot.wrong(f"must be an array of one or more branches, not {'an empty one' if value == [] else kind(value)}")
        return
    for position, element in enumerate(value):
        spot.at(position).later(_branch, element)


def processor(spot: Spot, value: Any) -> None:
    """Tell what is wrong with what a Map does with each item."""
    spot.later(_processor, value)


def _branch(spot: Spot, value: Any) -> None:
    _machine(spot, value, BRANCH)


def _processor(spot: Spot, value: Any) -> None:
    _machine(spot, value, PROCESSOR)


def _machine(spot: Spot, value: Any, form: Form) -> None:
    if not is_mapping(value):
        spot.wrong(f"must be an object with 'StartAt' and 'States', not {kind(value)}")
        return
    said = form.meant(spot, value).get("States")
    known = {name: state for name, state in said.items() if isinstance(name, str)} if is_mapping(said) else {}
    machine = MachineSite(spot, known, spot.machine)
    spot.lint.machines.append(machine)
    form.check(settled(spot, value).within(machine), value)


def _named(spot: Spot, name: Any) -> None:
    if not isinstance(name, str):
        spot.wrong(f"the name of a state must be text, not {kind(name)}")
        return
    if not 1 <= len(name) <= LONGEST_NAME:
        spot.wrong(f"the name of a state has 1 to {LONGEST_NAME} characters, not {len(name):,}")
    first = spot.lint.names.setdefault(name, spot)
    if first is not spot:
        where = f"{first.pointer} has it too"
        spot.wrong(f"two states of a definition cannot both be named {shown(name)}, wherever they are: {where}")
