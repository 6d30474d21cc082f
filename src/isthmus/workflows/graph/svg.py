"""A definition as SVG, in the colours that whoever looks at it prefers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from isthmus.workflows.definition import Definition
from isthmus.workflows.graph.edges import Edge, is_ending
from isthmus.workflows.graph.layout import CHANNEL, GAP, HEADER, LANE, PADDING, START, Box, Layout, layout

MARGIN = 20.0
"""Around the picture."""

LONGEST_TITLE = 500
"""The most characters of a name that are shown when one points at a state."""

STYLE = """
    svg { background: var(--page); color-scheme: light dark;
          --page: #ffffff; --box: #f6f8fa; --line: #57606a; --text: #1f2328; --soft: #59636e;
          --good: #1a7f37; --bad: #cf222e; --ask: #9a6700; --part: #0969da; }
    @media (prefers-color-scheme: dark) {
      svg { --page: #0d1117; --box: #161b22; --line: #8b949e; --text: #e6edf3; --soft: #9198a1;
            --good: #3fb950; --bad: #f85149; --ask: #d29922; --part: #4493f8; }
    }
    text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: var(--text); }
    .said, .label { font-size: 11px; fill: var(--soft); }
    .label { paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
    .state rect, .state path { fill: var(--box); stroke: var(--line); stroke-width: 1.2; }
    .cluster > rect { fill: none; stroke: var(--part); stroke-width: 1.2; }
    .branch { fill: none; stroke: var(--part); stroke-dasharray: 2 4; }
    .choice rect { stroke: var(--ask); } .succeed rect { stroke: var(--good); } .fail rect { stroke: var(--bad); }
    .ending > rect:first-of-type { stroke-width: 3; }
    .arrow { fill: none; stroke: var(--line); stroke-width: 1.2; }
    .catch { stroke: var(--bad); stroke-dasharray: 5 4; }
    .tip, .start { fill: var(--line); stroke: none; } .catch-tip { fill: var(--bad); stroke: none; }
"""
"""How a picture looks: by day, and by night where the system says so."""

_TIPS = "".join(
    f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path class="{name}" d="M0 0 8 4 0 8z"/></marker>'
    for name in ("tip", "catch-tip")
)

_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-�\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""


def svg(definition: Definition, title: str = "") -> str:
    """Return a picture of a definition. It stands alone: no script, no font, no image from elsewhere."""
    placed = layout(definition.root)
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    name = xml(title or "Workflow")
    count = sum(1 for _ in definition.states)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" aria-labelledby="title description">',
        f'  <title id="title">{name}</title>',
        f'  <desc id="description">{xml(_described(definition, count))}</desc>',
        f"  <style>{STYLE}  </style>",
        f"  <defs>{_TIPS}</defs>",
        *_machine(placed, MARGIN, MARGIN),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def xml(text: str) -> str:
    """Return a text as XML can hold it."""
    return escape(_UNWRITABLE.sub("�", text[:LONGEST_TITLE]))


def _described(definition: Definition, count: int) -> str:
    comment = definition.document.get("Comment")
    said = f"{comment} " if isinstance(comment, str) else ""
    return f"{said[: LONGEST_TITLE - 100]}A workflow of {count} states that starts with {definition.root.start_at}."


def _machine(placed: Layout, left: float, top: float) -> Iterator[str]:
    for arrow in placed.arrows:
        yield from _arrow(placed, arrow, left, top)
    if placed.start in placed.boxes:
        yield from _start(placed.boxes[placed.start], left, top)
    for box in placed.boxes.values():
        yield from _box(box, left + box.x, top + box.y)
    for number, arrow in enumerate(placed.arrows):
        yield from _label(placed, arrow, left, top, number)


def _start(box: Box, left: float, top: float) -> Iterator[str]:
    x, y = left + box.middle, top + box.y
    yield f'  <circle class="start" cx="{_n(x)}" cy="{_n(y - START + 8)}" r="5"/>'
    yield f'  <path class="arrow" d="M{_n(x)} {_n(y - START + 13)}V{_n(y - 1)}" marker-end="url(#tip)"/>'


def _box(box: Box, x: float, y: float) -> Iterator[str]:
    kinds = ["cluster" if box.inner else "state", xml(box.state.type.lower()), "ending" if is_ending(box.state) else ""]
    yield f'  <g class="{" ".join(filter(None, kinds))}">'
    yield f"    <title>{xml(box.state.name)}</title>"
    radius = 20 if box.state.type in ("Succeed", "Fail", "Choice") else 6
    size = f'width="{_n(box.width)}" height="{_n(box.height)}"'
    yield f'    <rect x="{_n(x)}" y="{_n(y)}" {size} rx="{radius}"/>'
    middle = x + box.width / 2
    yield f'    <text x="{_n(middle)}" y="{_n(y + 20)}" text-anchor="middle">{xml(box.title)}</text>'
    yield f'    <text class="said" x="{_n(middle)}" y="{_n(y + 36)}" text-anchor="middle">{xml(box.subtitle)}</text>'
    yield "  </g>"
    yield from _within(box, x, y)


def _within(box: Box, x: float, y: float) -> Iterator[str]:
    needed = sum(one.width for one in box.inner) + GAP * (len(box.inner) - 1)
    left = x + (box.width - needed) / 2
    for one in box.inner:
        if len(box.inner) > 1:
            size = f'width="{_n(one.width + PADDING)}" height="{_n(one.height + PADDING / 2)}"'
            yield f'  <rect class="branch" x="{_n(left - PADDING / 2)}" y="{_n(y + HEADER)}" {size} rx="6"/>'
        yield from _machine(one, left, y + HEADER)
        left += one.width + GAP


def _arrow(placed: Layout, arrow: Edge, left: float, top: float) -> Iterator[str]:
    source, target = placed.boxes[arrow.source], placed.boxes[arrow.target]
    tip = "catch-tip" if arrow.kind == "catch" else "tip"
    kind = "arrow catch" if arrow.kind == "catch" else "arrow"
    x, y = left + source.middle, top + source.y + source.height
    to_x, to_y = left + target.middle, top + target.y - 1
    if placed.is_straight(arrow):
        floor = top + placed.row_bounds[placed.row_of[arrow.source]][1]
        bend = (to_y - floor) / 2
        curve = f"C{_n(x)} {_n(floor + bend)} {_n(to_x)} {_n(to_y - bend)} {_n(to_x)} {_n(to_y)}"
        way = f"M{_n(x)} {_n(y)}V{_n(floor)}{curve}"
    else:
        lane = left + placed.lanes[arrow.target]
        below = top + placed.row_bounds[placed.row_of[arrow.source]][1] + CHANNEL / 4
        above = top + placed.row_bounds[placed.row_of[arrow.target]][0] - START / 2
        x, to_x = x + LANE, to_x + LANE
        way = f"M{_n(x)} {_n(y)}V{_n(below)}H{_n(lane)}V{_n(above)}H{_n(to_x)}V{_n(to_y)}"
    yield f'  <path class="{kind}" d="{way}" marker-end="url(#{tip})"/>'


def _label(placed: Layout, arrow: Edge, left: float, top: float, number: int) -> Iterator[str]:
    if not arrow.label:
        return
    source, target = placed.boxes[arrow.source], placed.boxes[arrow.target]
    y = top + source.y + source.height
    if placed.is_straight(arrow):
        floor = top + placed.row_bounds[placed.row_of[arrow.source]][1]
        x, y = left + (source.middle + target.middle) / 2, (floor + top + target.y) / 2 + 4 + 11 * (number % 3 - 1)
        anchor = "middle"
    else:
        x, y, anchor = left + source.middle + LANE + 5, y + CHANNEL / 4 - 4, "start"
    text = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"'
    yield f'  <text class="label" {text}>{xml(arrow.label)}</text>'


def _n(number: float) -> str:
    """Return a number without more digits than a picture needs."""
    return f"{number:.1f}".removesuffix(".0")
