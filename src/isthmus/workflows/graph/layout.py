"""Where the states of a definition stand in a picture: in layers, each below those that lead to it.

Sugiyama's way, in its simplest form: arrows that close a cycle are set aside, a state's layer is its longest way from
the start, states of a layer are ordered by where their neighbours stand. What is within a Parallel or a Map is laid out
first, and then takes its place as one box. An arrow to the next layer is drawn straight; any other goes round by a lane
on the right, which all arrows to the same state share.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from isthmus.workflows.definition import Machine, State
from isthmus.workflows.graph.edges import Edge, edges, shortened
from isthmus.workflows.graph.layers import layers

CHARACTER = 7.2
"""The width of a character of the picture's font, on average."""

PADDING, GAP, CHANNEL, LANE, START = 16.0, 28.0, 58.0, 14.0, 34.0
"""Within a box, between boxes, between layers, between lanes, above the first layer."""

HEADER, NARROWEST, HEIGHT = 44.0, 96.0, 48.0
"""The height of a cluster's title, the least width of a box, the height of one."""

LONGEST_NAME = 36
"""The most characters of a name that are drawn."""


@dataclass(slots=True)
class Box:
    """A state with its size, and, once it is placed, the corner at its upper left within its machine."""

    state: State
    title: str
    subtitle: str
    width: float
    height: float
    inner: Sequence[Layout] = ()
    x: float = 0.0
    y: float = 0.0

    @property
    def middle(self) -> float:
        """Where its middle is, from left to right."""
        return self.x + self.width / 2


@dataclass(slots=True)
class Layout:
    """One machine: its boxes by their names, its arrows, and by which lane an arrow goes round, if at all."""

    boxes: Mapping[str, Box]
    arrows: Sequence[Edge]
    start: str
    width: float = 0.0
    height: float = 0.0
    rows: Sequence[Sequence[str]] = ()
    row_of: Mapping[str, int] = field(default_factory=lambda: {})
    row_bounds: list[tuple[float, float]] = field(default_factory=lambda: [])
    lanes: dict[str, float] = field(default_factory=lambda: {})

    def is_straight(self, arrow: Edge) -> bool:
        """Return whether an arrow leads to the next layer."""
        return self.row_of[arrow.target] == self.row_of[arrow.source] + 1


def layout(machine: Machine) -> Layout:
    """Return where the states of a machine stand, and those within them."""
    boxes = {name: _box(state) for name, state in machine.states.items()}
    arrows = edges(machine)
    rows = layers(list(boxes), machine.start_at, [(arrow.source, arrow.target) for arrow in arrows])
    placed = Layout(boxes, arrows, machine.start_at, rows=rows)
    placed.row_of = {name: number for number, row in enumerate(rows) for name in row}
    _place(placed)
    return placed


def text_width(text: str) -> float:
    """Return about how wide a text is."""
    return sum(CHARACTER * (2 if unicodedata.east_asian_width(char) in "WF" else 1) for char in text)


def _box(state: State) -> Box:
    title = shortened(state.name, LONGEST_NAME)
    subtitle = shortened(_said_of(state), LONGEST_NAME)
    width = max(NARROWEST, text_width(title), text_width(subtitle)) + 2 * PADDING
    if not state.machines:
        return Box(state, title, subtitle, width, HEIGHT)
    inner = [layout(machine) for machine in state.machines]
    within = sum(one.width for one in inner) + GAP * (len(inner) - 1)
    tallest = max(one.height for one in inner)
    return Box(state, title, subtitle, max(width, within + 2 * PADDING), HEADER + tallest + PADDING, inner)


def _said_of(state: State) -> str:
    resource = state.fields.get("Resource")
    return f"{state.type} · {_last(resource)}" if isinstance(resource, str) and resource else state.type


def _last(resource: str) -> str:
    """Return the end of a resource's name, which tells most."""
    return resource if len(resource) <= LONGEST_NAME - 8 else f"…{resource[8 - LONGEST_NAME :]}"


def _place(placed: Layout) -> None:
    widths = [_row_width(placed, row) for row in placed.rows]
    widest = max(widths, default=0.0)
    top = START
    for row, width in zip(placed.rows, widths, strict=True):
        left = (widest - width) / 2
        height = max(placed.boxes[name].height for name in row)
        for name in row:
            box = placed.boxes[name]
            box.x, box.y = left, top
            left += box.width + GAP
        placed.row_bounds.append((top, top + height))
        top += height + CHANNEL
    for arrow in placed.arrows:
        if not placed.is_straight(arrow):
            placed.lanes.setdefault(arrow.target, widest + LANE * (len(placed.lanes) + 1))
    placed.width = max([widest, *(lane + LANE for lane in placed.lanes.values())])
    placed.height = top - CHANNEL + (CHANNEL / 2 if placed.lanes else PADDING)


def _row_width(placed: Layout, row: Sequence[str]) -> float:
    return sum(placed.boxes[name].width for name in row) + GAP * (len(row) - 1)
