"""What a step that is broken off computes elsewhere, and what its next try finds."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from isthmus.workflows.tape import LOST, TakesLongError, Tape, computed, drawn, seconds_left

NOT_DONE = ValueError("not done")


def tried(tape: Tape, step: Callable[[], Any], seconds: float = 0.0) -> Any:
    with tape.played(seconds):
        return step()


def in_a_thread(error: TakesLongError) -> None:
    thread = threading.Thread(target=error.work)
    thread.start()
    thread.join()


def test_without_a_tape_everything_is_made_at_once() -> None:
    assert drawn("n", lambda: 1) == 1
    assert computed("n", lambda: 2) == 2
    assert seconds_left(3.0) == 3.0


def test_what_takes_long_breaks_the_step_off_and_is_there_for_its_next_try() -> None:
    tape, numbers = Tape(), itertools.count()

    def step() -> Any:
        return drawn("token", lambda: next(numbers)), computed("sum", lambda: next(numbers))

    with pytest.raises(TakesLongError) as caught:
        tried(tape, step)
    in_a_thread(caught.value)

    assert tried(tape, step) == (0, 1)
    assert tried(tape, step) == (0, 1)


def test_a_value_that_was_computed_late_is_a_value_and_what_comes_after_it_waits() -> None:
    def slow() -> int:
        time.sleep(0.02)
        return 1

    tape = Tape()
    assert tried(tape, lambda: computed("slow", slow), 0.01) == 1
    with pytest.raises(TakesLongError):
        tried(Tape(), lambda: [computed("slow", slow), computed("next", slow)], 0.01)


def test_a_failure_within_the_time_is_what_it_comes_to() -> None:
    assert tried(Tape(), lambda: computed("broken", lambda: NOT_DONE), 1.0) is NOT_DONE


def test_a_step_that_goes_another_way_computes_anew_and_in_the_end_within_itself() -> None:
    tape, ways, numbers = Tape(), itertools.count(), itertools.count()

    def step() -> Any:
        way = next(ways)
        return computed(way, lambda: (way, next(numbers)))

    for _ in range(LOST + 1):
        with pytest.raises(TakesLongError) as caught:
            tried(tape, step)
        in_a_thread(caught.value)

    way, number = tried(tape, step)
    assert way == LOST + 1
    assert number == LOST + 1
