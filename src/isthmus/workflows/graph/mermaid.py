"""A definition as a flowchart of Mermaid.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count

from isthmus.workflows.definition import Definition, Machine, State
from isthmus.workflows.graph.edges import Edge, EdgeKind, edges, is_ending, shortened

LONGEST_NAME = 80
"""The most characters of a name that are written."""

_SHAPES: Mapping[str, tuple[str, str]] = {
    "Choice": ("{", "}"),
    "Wait": ("([", "])"),
    "Succeed": ("(((", ")))"),
    "Fail": ("(((", ")))"),
}
"""How a state is drawn, by its type; any other is a box."""

_ARROWS: Mapping[EdgeKind, str] = {"next": "-->", "choice": "-->", "default": "-->", "catch": "-.->"}

_MEANING = frozenset('"#&<>;`%|\\[]{}()')
"""Characters that mean something to Mermaid, or to the page around it."""


def mermaid(definition: Definition, title: str = "") -> str:
    """Return a definition as a flowchart: what is in a Parallel or a Map is a subgraph, a catcher a dotted arrow."""
    head = ["---", f"title: {json.dumps(shortened(title, LONGEST_NAME))}", "---"] if title else []
    return "\n".join([*head, "flowchart TD", *_Writer().machine(definition.root, "  ")]) + "\n"


def escaped(text: str) -> str:
    """Return a text as it can stand between quotation marks: characters that mean something by their numbers."""
    line = shortened(text, LONGEST_NAME) or " "
    return "".join(f"#{ord(char)};" if char in _MEANING or not char.isprintable() else char for char in line)


class _Writer:
    """Gives each state an identifier of its own: names may be anything."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def machine(self, machine: Machine, indent: str) -> Iterator[str]:
        known = {name: f"s{next(self._numbers)}" for name in machine.states}
        for name, state in machine.states.items():
            yield from self._state(state, known[name], indent)
        if machine.start_at in known:
            start = f"s{next(self._numbers)}"
            yield f'{indent}{start}((" "))'
            yield f"{indent}{start} --> {known[machine.start_at]}"
        for edge in edges(machine):
            yield f"{indent}{known[edge.source]} {_arrow(edge)} {known[edge.target]}"
        for name, state in machine.states.items():
            if is_ending(state) and state.type not in ("Succeed", "Fail"):
                end = f"s{next(self._numbers)}"
                yield f'{indent}{end}(((" ")))'
                yield f"{indent}{known[name]} --> {end}"

    def _state(self, state: State, identifier: str, indent: str) -> Iterator[str]:
        if not state.machines:
            opening, closing = _SHAPES.get(state.type, ("[", "]"))
            yield f'{indent}{identifier}{opening}"{escaped(state.name)}"{closing}'
            return
        yield f'{indent}subgraph {identifier}["{escaped(state.name)}"]'
        for number, inner in enumerate(state.machines, start=1):
            if len(state.machines) == 1:
                yield from self.machine(inner, f"{indent}  ")
                continue
            yield f'{indent}  subgraph {identifier}b{number}[" "]'
            yield from self.machine(inner, f"{indent}    ")
            yield f"{indent}  end"
        yield f"{indent}end"


def _arrow(edge: Edge) -> str:
    label = f'|"{escaped(edge.label)}"|' if edge.label else ""
    return f"{_ARROWS[edge.kind]}{label}"
