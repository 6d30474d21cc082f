"""Machines that nobody has thought of, by the hundred: here, compiled, and on ministack they come to the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from isthmus.workflows.frames import HistoryEvent
from tests.emulators.aws.ministack import ENVIRONMENT
from tests.gcp.workflow.alike import both
from tests.gcp.workflow.played import answers_of
from tests.tools import need
from tests.workflows.beside import Answers, apart, interpreted, on_ministack
from tests.workflows.generating import ITEMS, machines

MACHINES = 250
GIVEN = {"n": 2, "items": ITEMS}

generated = settings(
    max_examples=MACHINES,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
)


@generated
@given(made=machines())
def test_generated_machines_come_to_the_same_compiled(made: tuple[dict[str, Any], Answers]) -> None:
    states, answers = made

    here, compiled = both(states, GIVEN, answers_of(answers))

    assert compiled == here


def test_generated_machines_come_to_the_same_on_ministack() -> None:
    """After an iteration that has failed ministack begins others, and AWS does not: such a machine is left out."""
    need("python", folder=ENVIRONMENT / "bin", named="ministack")
    seen: Counter[str] = Counter()

    @generated
    @given(made=machines())
    def compare(made: tuple[dict[str, Any], Answers]) -> None:
        states, answers = made
        definition = {"StartAt": next(iter(states)), "States": states}
        events: list[HistoryEvent] = []
        here = interpreted(definition, GIVEN, answers, watch=events.append)
        types = {event.type for event in events}
        if "MapIterationFailed" in types:
            return
        seen.update([here.status, *types])
        seen["tried again"] += any(len(calls) > 1 for calls in here.calls.values())

        assert apart(on_ministack(definition, GIVEN, answers), here) == ""

    compare()

    assert {name: seen[name] for name in REQUIRED if seen[name] < REQUIRED[name]} == {}


REQUIRED = {
    "SUCCEEDED": 40,
    "FAILED": 20,
    "tried again": 40,
    "TaskFailed": 40,
    "ParallelStateSucceeded": 10,
    "ParallelStateFailed": 8,
    "MapStateSucceeded": 5,
}
"""How many of the machines, at least, come to this: else the sample would show little."""
