from __future__ import annotations

from typing import Any

import pytest

from isthmus.capabilities import Limits
from isthmus.declarations.app import App
from tests.core.plan.app import HANDLERS, notes, problems
from tests.fakes import FakeProvider


def cloud(**limits: Any) -> FakeProvider:
    return FakeProvider(limits=Limits(environment_bytes=32 * 1024, **limits))


def worker(app: App, *, timeout: float = 30, **subscription: Any) -> None:
    app.queue("Work", visibility_timeout=60).subscribe(f"{HANDLERS}.message", timeout=timeout, **subscription)


def test_a_function_longer_than_its_queues_visibility_is_refused_with_what_to_set() -> None:
    (what,) = problems(lambda app: worker(app, timeout=90), cloud(visibility_factor=6))

    assert "may run for 90 s" in what
    assert "set visibility_timeout=540, or a shorter timeout" in what


def test_the_batch_window_counts_towards_the_visibility_timeout() -> None:
    (what,) = problems(lambda app: worker(app, timeout=30, batch_window=31))

    assert "collects for 31 s (batch_window)" in what


def test_what_just_fits_is_no_problem() -> None:
    assert problems(lambda app: worker(app, timeout=30, batch_window=30)) == []


def test_a_visibility_timeout_below_the_providers_advice_is_noted() -> None:
    (note,) = notes(lambda app: worker(app, timeout=30), cloud(visibility_factor=6))

    assert "fake advises a visibility_timeout of 180 s" in note.what


def test_a_routes_function_must_end_before_the_api_does() -> None:
    def declare(app: App) -> None:
        app.api("Api").route("GET /slow", f"{HANDLERS}.request", timeout=31)

    (what,) = problems(declare, cloud(api_timeout=30))

    assert "route 'GET /slow'" in what
    assert "an api of fake answers after 30 s at the latest" in what


def test_the_default_timeout_fits_the_strictest_api() -> None:
    assert problems(lambda app: app.api("Api").route("GET /", f"{HANDLERS}.request"), cloud(api_timeout=30)) == []


def test_a_function_must_end_before_the_provider_ends_it() -> None:
    (what,) = problems(
        lambda app: app.function("Long", f"{HANDLERS}.anything", timeout=1000), cloud(function_timeout=900)
    )

    assert "timeout is 1000 s, and fake ends a function after 900 s" in what


def test_more_batches_at_once_than_the_function_runs_are_refused() -> None:
    (what,) = problems(lambda app: worker(app, max_concurrency=10, concurrency=5))

    assert "max_concurrency of queue 'Work' is 10, and function 'HandlersMessage' runs 5 at once" in what


def test_more_warm_instances_than_can_run_are_refused() -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", concurrency=1, min_instances=2))

    assert "min_instances (2) is above concurrency (1)" in what


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"retry_delay": 10, "max_retry_delay": 5}, "max_retry_delay (5 s) is below retry_delay (10 s)"),
        ({"retention": 60, "visibility_timeout": 5, "delay": 60}, "before its delay ends"),
        ({"retention": 60, "visibility_timeout": 180}, "before its visibility_timeout ends"),
    ],
)
def test_the_options_of_a_queue_that_contradict_each_other_are_refused(options: dict[str, Any], fault: str) -> None:
    (what,) = problems(lambda app: app.queue("Work", **options))

    assert fault in what
