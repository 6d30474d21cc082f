"""Layers of a graph: which of its nodes stand side by side, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

SWEEPS = 4
"""How often the order within the layers is mended."""

_Edges = Sequence[tuple[str, str]]


def layers(names: Sequence[str], start: str, edges: _Edges) -> list[list[str]]:
    """Return the layers of a graph that begins at `start`, in time that grows with its size, without recursion."""
    following: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        following[source].append(target)
    order, back = _walked([start, *names] if start in following else names, following)
    forward = [(source, target) for source, target in edges if (source, target) not in back]
    layer = _longest(order, forward)
    rows: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in names:
        rows[layer[name]].append(name)
    return _ordered(rows, [(source, target) for source, target in forward if layer[target] == layer[source] + 1])


def _walked(starts: Sequence[str], following: Mapping[str, Sequence[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """Walk in depth; returns the names, each before those it leads to, and the edges that close a cycle."""
    finished: list[str] = []
    open_now: set[str] = set()
    seen: set[str] = set()
    back: set[tuple[str, str]] = set()
    for start in starts:
        path: list[tuple[str, Iterator[str]]] = []
        if start not in seen:
            seen.add(start)
            open_now.add(start)
            path.append((start, iter(following[start])))
        while path:
            name, rest = path[-1]
            target = next(rest, None)
            if target is None:
                path.pop()
                open_now.discard(name)
                finished.append(name)
            elif target in open_now:
                back.add((name, target))
            elif target not in seen:
                seen.add(target)
                open_now.add(target)
                path.append((target, iter(following[target])))
    return finished[::-1], back


def _longest(order: Sequence[str], forward: _Edges) -> dict[str, int]:
    targets: dict[str, list[str]] = {}
    for source, target in forward:
        targets.setdefault(source, []).append(target)
    layer = dict.fromkeys(order, 0)
    for name in order:
        for target in targets.get(name, ()):
            layer[target] = max(layer[target], layer[name] + 1)
    return layer


def _ordered(rows: list[list[str]], edges: _Edges) -> list[list[str]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for source, target in edges:
        above.setdefault(target, []).append(source)
        below.setdefault(source, []).append(target)
    for sweep in range(SWEEPS):
        neighbours, sequence = (below, rows[::-1]) if sweep % 2 else (above, rows)
        at: dict[str, float] = {}
        for row in sequence:
            _sort(row, neighbours, at)
    return rows


def _sort(row: list[str], neighbours: Mapping[str, Sequence[str]], at: dict[str, float]) -> None:
    """Order a layer by where the neighbours of each stand, from -1 (left) to 1, and note where it stands itself."""
    wanted: dict[str, float] = {}
    for position, name in enumerate(row):
        known = [at[other] for other in neighbours.get(name, ()) if other in at]
        wanted[name] = sum(known) / len(known) if known else _spread(position, len(row))
    row.sort(key=wanted.__getitem__)
    for position, name in enumerate(row):
        at[name] = _spread(position, len(row))


def _spread(position: int, count: int) -> float:
    return 2 * (position + 0.5) / count - 1
