from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

from isthmus.links import Identity
from isthmus_aws.overrun import Alarm, OverrunError
from tests.aws.runtime import Runtime

IDENTITY = Identity(
    app="shop", stage="dev", provider="aws", function="Tested", handler="tests.aws.handlers.slow", triggers=("http",)
)


def sleeping(seconds: float) -> dict[str, Any]:
    """Return a request whose handler sleeps so long."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": f"seconds={seconds}",
        "headers": {"host": "example.com"},
        "requestContext": {"stage": "$default", "http": {"method": "GET", "path": "/"}},
    }


def test_an_instance_that_waits_for_longer_than_a_request_may_take_goes_on() -> None:
    with Runtime(IDENTITY) as runtime:
        first = runtime.invoke(sleeping(0), timeout=0.5)
        time.sleep(0.8)  # in which the timer rings, while the runtime client waits for the next request
        second = runtime.invoke(sleeping(0), timeout=0.5)

    assert (first["body"], second["body"]) == ("done", "done")


def test_the_time_of_one_request_is_not_that_of_the_next() -> None:
    with Runtime(IDENTITY) as runtime:
        short = runtime.invoke(sleeping(0), timeout=0.5)
        longer = runtime.invoke(sleeping(0.9), timeout=5)

    assert (short["body"], longer["body"]) == ("done", "done")


def test_a_request_with_less_time_than_the_one_before_is_interrupted_in_it() -> None:
    with Runtime(IDENTITY) as runtime:
        runtime.invoke(sleeping(0), timeout=30)
        started = time.monotonic()
        late = runtime.invoke(sleeping(20), timeout=1)
        took = time.monotonic() - started

    assert json.loads(late["body"])["status"] == late["statusCode"] == 504
    assert took < 3


def test_a_request_that_outlasts_the_timer_of_the_one_before_is_interrupted_in_its_own_time() -> None:
    with Runtime(IDENTITY) as runtime:
        runtime.invoke(sleeping(0), timeout=1)
        started = time.monotonic()
        late = runtime.invoke(sleeping(20), timeout=2)
        took = time.monotonic() - started

    assert late["statusCode"] == 504
    assert 1.5 < took < 4


def test_a_signal_that_a_users_own_code_has_taken_is_left_to_it() -> None:
    def ring(_number: int, _frame: object) -> None: ...

    theirs = signal.signal(signal.SIGALRM, ring)
    try:
        mine = signal.getsignal(signal.SIGALRM)
        Alarm().start(time.time(), time.time() + 1)
        assert signal.getsignal(signal.SIGALRM) is mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, theirs)


def test_the_last_instance_in_a_process_has_the_signal() -> None:
    before = signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        Alarm()
        alarm = Alarm()
        alarm.set(time.time(), time.time() + 0.01)
        with pytest.raises(OverrunError):
            time.sleep(5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_must_not_be_interrupted_is_not_and_the_ring_comes_later() -> None:
    before = signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    alarm = Alarm()
    try:
        alarm.is_held = True
        alarm.set(time.time(), time.time() + 0.01)
        time.sleep(0.05)
        alarm.is_held = False
        with pytest.raises(OverrunError):
            time.sleep(5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
