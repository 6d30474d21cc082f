from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.rules.planning import HANDLERS, notes, planned, problems


def queue(app: App, *, fifo: bool = False, run: dict[str, Any] | None = None, **options: Any) -> None:
    queue = app.queue("Work", fifo=fifo, visibility_timeout=600)
    given: dict[str, Any] = {**options, **(run or {})}
    queue.subscribe(f"{HANDLERS}.message", name="Worker", **given)


def test_a_large_batch_needs_a_window() -> None:
    (what,) = problems(lambda app: queue(app, batch_size=11))

    assert what == (
        "subscription to queue 'Work': a batch of more than 10 needs time to fill on AWS: "
        "set batch_window=1, or batch_size=10"
    )


@pytest.mark.parametrize("options", [{"batch_size": 10}, {"batch_size": 10_000, "batch_window": 0.2}])
def test_a_batch_that_lambda_takes_is_no_problem(options: dict[str, Any]) -> None:
    assert problems(lambda app: queue(app, **options)) == []


def test_a_batch_beyond_lambdas_is_refused() -> None:
    (what,) = problems(lambda app: queue(app, batch_size=10_001, batch_window=1))

    assert "10000 messages at most" in what


def test_a_fifo_queue_delivers_ten_at_once_and_waits_for_none() -> None:
    waiting, large = problems(lambda app: queue(app, fifo=True, batch_size=11, batch_window=5))

    assert "set batch_size=10" in large
    assert "leave batch_window out" in waiting


def test_the_dead_letter_queue_of_a_fifo_queue_is_fifo_as_well() -> None:
    def declare(app: App) -> None:
        line = app.queue("Line", fifo=True)
        line.subscribe(f"{HANDLERS}.message")
        assert line.dead_letters is not None
        line.dead_letters.subscribe(f"{HANDLERS}.later", batch_size=100, batch_window=1)

    assert len(problems(declare)) == 2


def test_one_batch_at_a_time_is_refused_with_what_to_do() -> None:
    (what,) = problems(lambda app: queue(app, max_concurrency=1))

    assert "it is 2 batches at least" in what
    assert "fifo=True" in what


def test_a_function_that_runs_once_at_a_time_is_noted() -> None:
    (what,) = notes(lambda app: queue(app, run={"concurrency": 1}))

    assert "runs 1 at once (concurrency), and Lambda fetches up to 2 batches" in what
    assert "Set concurrency=2" in what


@pytest.mark.parametrize("concurrency", [2, 5, 50])
def test_a_function_with_room_for_what_its_mapping_sends_is_not(concurrency: int) -> None:
    assert notes(lambda app: queue(app, run={"concurrency": concurrency})) == []


def test_the_sources_of_a_function_share_its_concurrency() -> None:
    def declare(app: App) -> None:
        function = app.function("F", f"{HANDLERS}.anything", concurrency=5)
        app.topic("One").subscribe(function)
        app.topic("Two").subscribe(function)

    assert any("fetches up to 10 batches" in what for what in notes(declare))


def test_a_limit_on_each_queue_keeps_the_sum_in_bounds() -> None:
    def declare(app: App) -> None:
        function = app.function("F", f"{HANDLERS}.anything", concurrency=5)
        for name in ("One", "Two"):
            app.queue(name).subscribe(function, max_concurrency=2)

    assert not any("fetches" in what for what in notes(declare))


def test_a_third_reader_of_a_tables_changes_is_noted() -> None:
    def declare(app: App) -> None:
        table = app.table("Orders", fields={"id": "string"}, primary_index="id")
        for number in range(3):
            table.subscribe(f"{HANDLERS}.change", name=f"F{number}")

    (what,) = notes(declare)

    assert "3 functions read its stream, and AWS advises 2 at most" in what
    assert "publishes to a topic" in what


def test_values_that_make_no_sense_break_no_rule() -> None:
    plan = planned(lambda app: queue(app, batch_size="many", batch_window=None, max_concurrency="all"))

    assert not any("cannot be checked" in problem.what for problem in (*plan.problems, *plan.notes))
