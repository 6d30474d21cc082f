"""Everything that is wrong with a definition, before anything runs.

https://states-language.net/spec.html
"""

from __future__ import annotations

from isthmus.workflows.lint.machines import definition
from isthmus.workflows.lint.spot import Check, Fault, Lint, Spot
from isthmus.workflows.lint.state import state
from isthmus.workflows.lint.transitions import flow
from isthmus.workflows.lint.variables import collisions


def problems(document: object) -> list[Fault]:
    """Return each fault of a document, sorted by its place; it raises nothing, whatever the document is."""
    return looking(definition, document)


def looking(check: Check, value: object) -> list[Fault]:
    """Return what a check tells of a value and of all that is within it."""
    lint = Lint(state)
    check(Spot(lint), value)
    while lint.waiting:
        lint.waiting.popleft()()
    for machine in lint.machines:
        flow(machine)
        collisions(machine)
    return sorted(lint.faults)
