"""What the profile refuses of a definition as a whole, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isthmus.shapes import is_number
from isthmus.workflows.definition import Definition, Machine
from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.refusal import Fault

INNER = "only a whole execution has a time limit, and the tasks have theirs"

NAME = 1024
"""How long the name of a state may be: longer ones would fill the source."""


def faults_of(definition: Definition) -> Iterator[Fault]:
    """Yield what is refused; where machines are nested too deep, nothing else is looked at."""
    waiting = [(definition.root, 0)]
    while waiting:
        machine, depth = waiting.pop()
        if depth > limits.CALL_DEPTH:
            yield Fault(_cut(machine.pointer), f"machines are nested more than {limits.CALL_DEPTH} deep")
            return
        yield from _machine(machine)
        waiting.extend((inner, depth + 1) for state in machine.states.values() for inner in state.machines)


def _machine(machine: Machine) -> Iterator[Fault]:
    timeout: Any = machine.fields.get("TimeoutSeconds")
    if timeout is not None and machine.pointer:
        yield Fault(f"{machine.pointer}/TimeoutSeconds", INNER)
    elif timeout is not None and (not is_number(timeout) or timeout <= 0 or timeout != int(timeout)):
        yield Fault("/TimeoutSeconds", "it has to be a whole number of seconds")
    if not machine.states:
        yield Fault(machine.pointer, "it has no states")
    for state in machine.states.values():
        if len(state.name) > NAME:
            yield Fault(_cut(state.pointer), f"a name of {len(state.name):,} characters: at most {NAME:,} make sense")


def _cut(pointer: str) -> str:
    return pointer if len(pointer) <= NAME else f"{pointer[:NAME]}…"
