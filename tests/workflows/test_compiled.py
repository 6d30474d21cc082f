"""The same machines compiled to Google Workflows, on the test double: they come to what they come to here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.gcp.workflow.alike import both
from tests.gcp.workflow.played import answers_of
from tests.workflows.machines import SUITE
from tests.workflows.machines.choices import EARLY, choice
from tests.workflows.machines.machine import Machine

NO_HEARTBEATS = "nothing misses a heartbeat on Google: HeartbeatSeconds is refused, so that nobody catches it either"
APART: Mapping[str, str] = {
    "States.Timeout tries States.HeartbeatTimeout again": NO_HEARTBEATS,
    "States.Timeout catches States.HeartbeatTimeout": NO_HEARTBEATS,
}
"""What comes to something else on Google, by the machine's name, and why."""


def _difference(machine: Machine) -> str:
    interpreted, compiled = both(machine.states, machine.given, answers_of(machine.answers))
    return "" if interpreted == compiled else f"{compiled}, not {interpreted}"


@pytest.mark.parametrize("machines", SUITE.values(), ids=SUITE)
def test_machines_come_to_the_same_compiled(machines: Sequence[Machine]) -> None:
    found = {machine.name: _difference(machine) for machine in machines}

    assert {name: fault for name, fault in found.items() if fault and name not in APART} == {}
    assert [name for name, fault in found.items() if name in APART and not fault] == []


@pytest.mark.parametrize("kind", ["Numeric", "String", "Timestamp"])
def test_of_equal_values_none_is_less_compiled_either(kind: str) -> None:
    equal = {"Numeric": 1, "String": "b", "Timestamp": EARLY}[kind]
    rules = [{"Variable": "$.x", f"{kind}{order}Than": equal} for order in ("Less", "Greater")]

    came = [both(choice(rule), {"x": equal})[1] for rule in rules]

    assert [output for _, output, *_ in came] == ["no", "no"]


@pytest.mark.parametrize("kind", ["Numeric", "String", "Timestamp"])
@pytest.mark.parametrize("order", ["LessThan", "GreaterThanEquals"])
def test_nothing_is_compared_with_what_a_path_finds_of_another_type(kind: str, order: str) -> None:
    values: dict[str, Any] = {"Numeric": 1, "String": "b", "Timestamp": EARLY}
    states = choice({"Variable": "$.x", f"{kind}{order}Path": "$.y"})
    others: list[Any] = [None, True, [], {}, "" if kind == "Numeric" else 0]

    for other in others:
        here, compiled = both(states, {"x": values[kind], "y": other})
        assert (compiled, compiled[1]) == (here, "no")


@pytest.mark.parametrize(
    "text",
    [
        "2020-13-01T00:00:00Z",
        "2020-02-30T00:00:00Z",
        "2020-01-01 00:00:00Z",
        "2020-01-01T00:00:00",
        "2020-01-01T25:00:00Z",
    ],
)
def test_what_only_looks_like_a_timestamp_is_none(text: str) -> None:
    for rule in ({"IsTimestamp": True}, {"TimestampLessThan": "2030-01-01T00:00:00Z"}):
        here, compiled = both(choice({"Variable": "$.x", **rule}), {"x": text})
        assert (compiled, compiled[1]) == (here, "no")
