"""Variables: what `Assign` may name, and where names of machines within one another collide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isthmus.shapes import is_mapping, shown
from isthmus.workflows.lint.paths import same_name, template
from isthmus.workflows.lint.spot import MachineSite, Spot
from isthmus.workflows.lint.values import kind

LONGEST_NAME = 80
"""The most characters that the name of a state or a variable has."""

RESERVED = "states"
"""The variable that the language itself brings."""


def assign(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the names that are assigned, and with what they are assigned."""
    if not is_mapping(value):
        spot.wrong(f"must be an object of variables and their values, not {kind(value)}")
        return
    for written in value:
        name = str(written).removesuffix(".$") if spot.language == "JSONPath" else str(written)
        field = spot.at(str(written))
        fault = _name_fault(name)
        if fault:
            field.wrong(fault)
        elif spot.machine and not same_name(value, str(written)):
            spot.machine.variables.setdefault(name, []).append(field)
    template(spot, value)


def collisions(machine: MachineSite) -> None:
    """Tell of each variable of a machine that one around it assigns too: inner machines can read it, and no more."""
    outer = list(_around(machine))
    for name, spots in machine.variables.items() if outer else ():
        if any(name in around.variables for around in outer):
            for spot in spots:
                spot.wrong(
                    f"the variable {shown(name)} is assigned by a machine around this one, and can only be read here: "
                    "give it another name"
                )


def _around(machine: MachineSite) -> Iterator[MachineSite]:
    around = machine.outer
    while around is not None:
        if around.variables:
            yield around
        around = around.outer


def _name_fault(name: str) -> str:
    if name == RESERVED:
        return f"a variable cannot be named {RESERVED!r}: that is the language's own"
    if len(name) > LONGEST_NAME:
        return f"the name of a variable has at most {LONGEST_NAME} characters, not {len(name):,}"
    if not name.isidentifier():
        return f"{shown(name)} cannot name a variable: letters, digits and underscores can, a letter first"
    return ""
