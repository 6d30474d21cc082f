"""Transitions: where a state goes on, and what of a machine can be reached, and can end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from isthmus.shapes import shown
from isthmus.workflows.lint.spot import MachineSite, Spot
from isthmus.workflows.lint.values import kind


def target(spot: Spot, value: Any) -> None:
    """Tell of what is no name of a state of the machine here."""
    found = known_state(spot, value)
    if spot.machine is None:
        return
    if found is None:
        spot.machine.ends.add(spot.state)
    else:
        spot.machine.edges.setdefault(spot.state, []).append(found)


def start(spot: Spot, value: Any) -> None:
    """Tell of a `StartAt` that is no name of a state of its machine."""
    if spot.machine:
        spot.machine.start = known_state(spot, value)


def known_state(spot: Spot, value: Any) -> str | None:
    """Return which state is named, or is meant where there is none of that name, which is told; None for neither."""
    if not isinstance(value, str):
        spot.wrong(f"must be the name of a state, not {kind(value)}")
        return None
    states: Mapping[str, Any] = spot.machine.states if spot.machine else {}
    if value in states:
        return value
    elsewhere = spot.lint.names.get(value)
    if elsewhere:
        spot.wrong(
            f"the state {shown(value)} is of another machine, {elsewhere.pointer}: no transition leads out of one"
        )
        return None
    near = spot.nearest(value, states)
    if not states:
        return None  # that there are none is told of the machine
    few = f": its states are {', '.join(map(shown, states))}" if len(states) <= 5 else ""
    spot.wrong(f"there is no state {shown(value)} in this machine{f': did you mean {shown(near)}?' if near else few}")
    return near


def flow(machine: MachineSite) -> None:
    """Tell which states nothing leads to, and whether the machine cannot end."""
    if machine.start is None or not machine.states:
        return
    reached = _reached(machine)
    for name in machine.states:
        if name not in reached:
            machine.spot.at("States").at(name).wrong("no transition leads to this state: it can never run")
    if reached.isdisjoint(machine.ends) and reached.isdisjoint(machine.unsaid):
        machine.spot.wrong(
            "this machine cannot end: no state that is reached is a Succeed or a Fail, or has 'End': true"
        )


def _reached(machine: MachineSite) -> set[str]:
    names = list(machine.states)
    following = dict(pairwise(names))
    reached: set[str] = set()
    waiting = [machine.start] if machine.start is not None else []
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _next(machine, name, following)
    return reached


def _next(machine: MachineSite, name: str, following: dict[str, str]) -> Iterable[str]:
    """Yield where a state leads to; one that should go on and says not where was likely meant for the one after it."""
    yield from machine.edges.get(name, ())
    if name in machine.unsaid and name in following:
        yield following[name]
