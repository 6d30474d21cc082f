"""Work that is waited for only so long."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar

import pytest

from isthmus_gcp.delivery.in_time import LATE, InTime

VARIABLE: ContextVar[str] = ContextVar("tests.in_time")


def test_a_result_comes_back_and_an_error_too() -> None:
    def fail() -> None:
        raise KeyError("a")

    in_time = InTime()

    assert in_time.run(lambda: None, 5) is None
    with pytest.raises(KeyError):
        in_time.run(fail, 5)
    assert in_time.run(lambda: 7, 5) == 7


@pytest.mark.parametrize("seconds", [0.05, 0, -1])
def test_work_that_takes_too_long_is_late_and_what_comes_next_is_not(seconds: float) -> None:
    in_time, end = InTime(), threading.Event()

    for _ in range(20):
        assert in_time.run(lambda: end.wait(5), seconds) is LATE
    assert in_time.run(lambda: 7, 5) == 7
    end.set()


def test_the_context_variables_are_those_of_who_waits() -> None:
    VARIABLE.set("mine")

    assert InTime().run(VARIABLE.get, 5) == "mine"


def test_one_thread_works_for_one_that_waits_and_ends_with_it() -> None:
    in_time = InTime()
    idents = [in_time.run(threading.get_ident, 5) for _ in range(5)]
    here: list[int] = []
    waiting = threading.Thread(target=lambda: here.append(in_time.run(threading.get_ident, 5)))
    waiting.start()
    waiting.join()

    assert len(set(idents)) == 1
    assert here[0] not in idents
    limit = time.monotonic() + 5
    while here[0] in {thread.ident for thread in threading.enumerate()} and time.monotonic() < limit:
        time.sleep(0.01)
    assert here[0] not in {thread.ident for thread in threading.enumerate()}
