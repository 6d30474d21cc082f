"""A host that dies at any call, or delivers what it has twice: an execution comes to the same in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.definition import parse
from isthmus.workflows.frames import Call, Effect, Ended, Execution
from isthmus.workflows.interpreter import turn
from isthmus.workflows.interpreter.interpreter import Interpreter
from isthmus.workflows.interpreter.runner import Outcome, Runner
from tests.core.workflows.interpreter.machines import machines, work
from tests.core.workflows.interpreter.worlds import KeptLedger, Tasks, inner, runner, task

INPUT = {"items": [0, 1, 2]}


class Host(Runner):
    """A runner that dies after the calls of these numbers, and that repeats what completes a task."""

    def __init__(
        self, document: dict[str, Any], call: Callable[[Call], Any], crashes: set[int], *, twice: bool
    ) -> None:
        execution = Execution(id="e", name="n", workflow="w", input=INPUT, started=1_700_000_000.0)
        super().__init__(parse(document), execution, call, ledger=KeptLedger)
        self.interpreter = Dying(self, self.interpreter, crashes, twice=twice)  # type: ignore[assignment]

    def die(self) -> None:
        """Lose everything but the ledger."""
        self._effects.clear()
        self._due.clear()


class Dying:
    """An interpreter whose host dies when it has kept the ledger, before it has done anything else."""

    def __init__(self, host: Host, interpreter: Interpreter, crashes: set[int], *, twice: bool) -> None:
        self._host = host
        self._interpreter = interpreter
        self._crashes = crashes
        self._twice = twice
        self._calls = 0

    def __getattr__(self, name: str) -> Callable[..., list[Effect]]:
        act: Callable[..., list[Effect]] = getattr(self._interpreter, name)

        def call(*arguments: Any, **options: Any) -> list[Effect]:
            effects = act(*arguments, **options)
            if self._twice and name in {"succeed", "fail", "wake", "proceed"}:
                effects = effects + ([] if _ended(effects) else act(*arguments, **options))
            self._calls += 1
            return self._after_death() if self._calls in self._crashes and not _ended(effects) else effects

        return call

    def _after_death(self) -> list[Effect]:
        self._host.die()
        ledger = self._host.ledger
        frames = [frame.id for frame in ledger.below(0)]
        return [effect for frame in frames for effect in self._interpreter.resume(ledger, frame)]


def _ended(effects: list[Effect]) -> bool:
    return any(isinstance(effect, Ended) for effect in effects)


def came_to(outcome: Outcome) -> tuple[Any, ...]:
    return (outcome.status, outcome.output, outcome.error, outcome.cause)


@settings(max_examples=150, deadline=None)
@given(machines(), st.sets(st.integers(1, 40)), st.booleans(), st.sampled_from([1, 2, 7, 100]))
def test_it_does_not_matter_when_the_host_dies_nor_how_long_a_turn_is(
    document: dict[str, Any], crashes: set[int], twice: bool, transitions: int
) -> None:
    untroubled = Host(document, work, set(), twice=False).run()

    troubled = Host(document, work, crashes, twice=twice)
    with patch.object(turn, "TRANSITIONS", transitions):
        outcome = troubled.run()

    assert came_to(outcome) == came_to(untroubled)
    assert outcome.status in {"SUCCEEDED", "FAILED"}
    if outcome.status == "SUCCEEDED":
        assert troubled.ledger.below(0) == []


@settings(max_examples=60, deadline=None)
@given(machines())
def test_a_host_that_dies_after_every_call_comes_to_an_end_too(document: dict[str, Any]) -> None:
    outcome = Host(document, work, set(range(1, 2_000, 2)), twice=True).run()

    assert came_to(outcome) == came_to(Host(document, work, set(), twice=False).run())


def test_what_is_resumed_has_the_token_the_attempt_and_the_arguments_that_it_had() -> None:
    made = runner({"A": task(Parameters={"id.$": "States.UUID()"})}, {}, Tasks())
    effects = made.interpreter.begin(made.ledger)

    again = made.interpreter.resume(made.ledger, 1)

    assert again == [effect for effect in effects if isinstance(effect, Call)]


def test_a_map_goes_on_with_the_items_that_were_not_begun() -> None:
    states = {"M": {"Type": "Map", "ItemProcessor": inner(I=task()), "MaxConcurrency": 2, "End": True}}
    host = Host(
        {"StartAt": "M", "States": {"M": {**states["M"], "ItemsPath": "$.items"}}},
        lambda call: call.arguments,
        {1, 2, 3},
        twice=True,
    )

    assert host.run().output == [0, 1, 2]
