"""The in-process testbed: what a test may do with an app, and what it sees of it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from isthmus import App, Target
from isthmus.errors import IsthmusError, ServiceError
from isthmus.plan import PlanError
from isthmus.testing import CrashAfterWork, FakeClock, Faults, Poison, Slow, TestApp
from isthmus.testing.clock import EPOCH
from isthmus_local.testbed import testbed as run
from tests.testing import desk_app

Start = Callable[..., TestApp]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[TestApp] = []

    def started(faults: Faults | None = None, **options: Any) -> TestApp:
        running.append(TestApp(run(desk_app.app, faults=faults, **options)))
        return running[-1]

    yield started
    for app in running:
        app.close()


def test_a_request_goes_all_the_way_to_the_queue_behind_the_topic(start: Start) -> None:
    app = start()
    response = app.post("/rows", json={"id": "a"})

    assert (response.status, response.json()) == (201, {"id": "a", "done": 0})
    app.wait_until(lambda: app.get("/rows/a").json()["done"] >= 1)


def test_each_test_begins_with_nothing(start: Start) -> None:
    first, second = start(), start()
    first.resource("Rows").put({"id": "a"})

    assert second.resource("Rows").get("a") is None


def test_objects_records_ticks_and_calls_reach_their_functions(start: Start) -> None:
    app = start()
    rows = app.resource("Rows")
    app.put_object("Files", "x.txt", b"four")
    app.put_record("Clicks", {"n": 7}, key="k")
    app.tick("Hourly")
    rows.put({"id": "watched"})

    app.wait_until(lambda: rows.get("created x.txt")["size"] == 4)
    app.wait_until(lambda: rows.get("click 7"))
    app.wait_until(lambda: rows.get("hours")["n"] >= 1)
    app.wait_until(lambda: rows.get("saw watched")["kind"] == "INSERT")
    assert app.invoke("Double", 21) == 42


def test_a_secret_is_what_the_test_last_set(start: Start) -> None:
    app = start()
    app.set_secret("Key", "opensesame")

    assert app.get("/secret").text() == "opensesame"
    with pytest.raises(LookupError, match="Key"):
        app.set_secret("Kye", "x")


def test_what_is_not_declared_is_told_with_what_is(start: Start) -> None:
    app = start()

    with pytest.raises(LookupError, match="Rows"):
        app.resource("Row")
    with pytest.raises(LookupError, match="Hourly"):
        app.tick("Daily")
    with pytest.raises(LookupError, match="Api"):
        app.get("/rows/a", api="Other")


def test_a_broken_declaration_is_told_and_leaves_nothing_behind() -> None:
    def broken(target: Target) -> App:
        app = desk_app.app(target)
        app.queue("More", max_atempts=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        return app

    before = threading.active_count()
    with pytest.raises(PlanError, match="max_attempts"):
        run(broken)
    assert threading.active_count() == before


def test_declared_variables_are_there_while_the_app_runs(start: Start) -> None:
    app = start()

    assert app.get("/mode").text() == "quiet"
    app.close()
    assert "DESK_MODE" not in os.environ


def test_closing_ends_every_thread_and_twice_is_once(start: Start) -> None:
    before = {thread.name for thread in threading.enumerate()}
    app = start()
    app.invoke("Double", 1)
    rows = app.resource("Rows")
    app.close()
    app.close()

    deadline = time.monotonic() + 2
    while {thread.name for thread in threading.enumerate()} - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert {thread.name for thread in threading.enumerate()} <= before
    with pytest.raises(ServiceError):
        rows.get("a")


def test_a_wait_in_vain_tells_what_it_waited_for_and_what_failed_meanwhile(start: Start) -> None:
    app = start(Faults(clock=FakeClock()))
    app.send("Work", {"id": "a", "fail": True})
    app.settle()
    with pytest.raises(AssertionError) as caught:
        app.wait_until(lambda: app.resource("Rows").get("a"), timeout=0.1)

    for word in ('app.resource("Rows").get("a")', "returned None", "RuntimeError: cannot work on a", "test_testbed.py"):
        assert word in str(caught.value)


def test_a_dead_letter_is_shown_whole_and_in_a_failed_wait(start: Start) -> None:
    app = start(Faults(clock=FakeClock()).calm())
    app.send("Work", {"id": "a", "fail": True}, attributes={"kind": "b"})
    app.advance(5)
    letters = app.dead_letters("Work")

    assert [(letter.json(), letter.attributes["kind"]) for letter in letters] == [({"id": "a", "fail": True}, "b")]
    assert "RuntimeError: cannot work on a" in letters[0].attributes["dead-letter-reason"]
    with pytest.raises(AssertionError, match="dead letter of Work"):
        app.wait_until(lambda: False, timeout=0)


def test_logs_of_handlers_are_kept_and_those_of_the_test_are_not(start: Start) -> None:
    app = start()
    desk_app.log.warning("by the test itself")
    app.send("Work", {"id": "a"})
    app.wait_until(lambda: app.resource("Rows").get("a"))

    assert any("working on a" in line for line in app.logs)
    assert not any("by the test itself" in line for line in app.logs)


def test_fake_time_stands_still_until_it_is_moved(start: Start) -> None:
    clock = FakeClock(now=1_000_000_000)
    app = start(Faults(clock=clock).calm())
    rows = app.resource("Rows")
    app.send("Work", {"id": "late"}, delay=600)
    app.advance(599)

    assert rows.get("late") is None
    app.advance(1)
    assert rows.get("late")["done"] == 1
    assert clock.time() == 1_000_000_600


def test_a_day_of_fake_time_fires_a_schedule_24_times_at_its_times(start: Start) -> None:
    app = start(Faults(clock=FakeClock()).calm())
    app.advance(24 * 3600)

    assert app.resource("Rows").get("hours") == {"id": "hours", "n": 24, "due": EPOCH + 24 * 3600}


def test_time_that_is_not_the_tests_cannot_be_moved(start: Start) -> None:
    with pytest.raises(IsthmusError, match="FakeClock"):
        start().advance(1)


def test_a_retry_waits_for_its_delay_of_fake_time(start: Start) -> None:
    faults = Faults(clock=FakeClock(), handlers=[CrashAfterWork(function="DeskAppWork")]).calm()
    app = start(faults)
    app.send("Work", {"id": "a"})
    app.settle()

    assert app.resource("Rows").get("a")["done"] == 1
    app.advance(4.9)
    assert app.resource("Rows").get("a")["done"] == 1
    app.advance(0.1)
    assert app.resource("Rows").get("a")["done"] == 2
    assert app.dead_letters("Work") == []


def test_a_poisoned_event_fails_before_the_handler_sees_it(start: Start) -> None:
    poison = Poison(function="DeskAppWork", when=lambda message: message.json()["id"] == "bad")
    app = start(Faults(clock=FakeClock(), handlers=[poison]).calm())
    app.send("Work", {"id": "bad"})
    app.send("Work", {"id": "good"})
    app.advance(5)

    assert app.resource("Rows").get("good")["done"] == 1
    assert app.resource("Rows").get("bad") is None
    assert [letter.json()["id"] for letter in app.dead_letters("Work")] == ["bad"]


def test_a_crash_is_a_bad_gateway_for_a_client_though_the_work_was_done(start: Start) -> None:
    app = start(Faults(handlers=[CrashAfterWork(function="DeskAppCreate")]))
    response = app.post("/rows", json={"id": "a"})

    assert response.status == 502
    assert app.resource("Rows").get("a") is not None
    assert app.post("/rows", json={"id": "b"}).status == 201


def test_a_handler_that_overruns_its_timeout_is_answered_for_and_can_do_no_more(start: Start) -> None:
    app = start(Faults(handlers=[Slow(function="DeskAppWork", seconds=1.5)]).calm())
    assert app.get("/sleep", query={"seconds": "5"}).status == 504
    app.send("Work", {"id": "a"})
    app.wait_until(lambda: any("longer than its timeout of 1 s" in line for line in app.logs))
    time.sleep(0.7)

    assert app.resource("Rows").get("a") is None


def test_messages_come_twice_and_out_of_order_by_default(start: Start) -> None:
    app = start(Faults(seed=1, duplicates=0.5))
    for n in range(40):
        app.send("Work", {"id": str(n), "pause": 0.02})
    rows = app.resource("Rows")
    app.wait_until(lambda: None not in rows.get_many([str(n) for n in range(40)]))
    app.settle()

    assert max(row["done"] for row in rows.get_many([str(n) for n in range(40)])) > 1


def test_without_faults_each_message_comes_once(start: Start) -> None:
    app = start(Faults().calm())
    for n in range(40):
        app.send("Work", {"id": str(n)})
    rows = app.resource("Rows")
    app.wait_until(lambda: None not in rows.get_many([str(n) for n in range(40)]))
    app.settle()

    assert {row["done"] for row in rows.get_many([str(n) for n in range(40)])} == {1}


def test_an_index_lags_by_default_and_catches_up(start: Start) -> None:
    app = start(Faults(index_lag=0.2))
    rows = app.resource("Rows")
    rows.put_many([{"id": str(n), "owner": "ann"} for n in range(30)])

    assert len(rows.query("ann", index="byOwner")) < 30
    app.wait_until(lambda: len(rows.query("ann", index="byOwner")) == 30)


def test_settle_returns_when_what_was_sent_is_handled(start: Start) -> None:
    app = start(Faults().calm())
    for n in range(10):
        app.send("Work", {"id": str(n), "pause": 0.02})
    app.settle()

    assert None not in app.resource("Rows").get_many([str(n) for n in range(10)])


def test_settle_gives_up_on_a_handler_that_does_not_end(start: Start) -> None:
    app = start(Faults(handlers=[Slow(function="DeskAppWork", seconds=0.9)]))
    app.send("Work", {"id": "a"})

    with pytest.raises(AssertionError, match="still busy"):
        app.settle(timeout=0.2)


def test_functions_that_disagree_on_a_variable_need_processes() -> None:
    def app(target: Target) -> App:
        app = App("two")
        for n in range(2):
            app.function(f"F{n}", "tests.testing.desk_app.double", environment={"N": str(n)})
        return app

    with pytest.raises(IsthmusError, match="processes=True"):
        run(app)


def test_processes_run_the_same_app(start: Start) -> None:
    app = start(processes=True)

    assert app.get("/mode").text() == "quiet"
    assert app.post("/rows", json={"id": "a"}).status == 201
    app.wait_until(lambda: app.get("/rows/a").json()["done"] >= 1)


def test_an_expired_row_is_removed_in_time_and_told_so(start: Start) -> None:
    clock = FakeClock()
    app = start(Faults(clock=clock).calm())
    rows = app.resource("Rows")
    rows.put({"id": "watched", "expires": clock.time() + 100})
    app.advance(99)
    assert rows.get("watched") is not None
    app.advance(1)
    assert rows.get("watched") is None
    app.advance(120)

    assert rows.get("saw watched") == {"id": "saw watched", "kind": "REMOVE", "expired": True}


def test_a_replay_delivers_what_a_stream_has_kept_again(start: Start) -> None:
    app = start(Faults().calm())
    app.put_record("Clicks", {"n": 1}, key="k")
    app.settle()
    app.replay("Clicks", "DeskAppClicked")
    app.settle()

    assert app.resource("Rows").get("click 1")["seen"] == 2


def test_closing_does_not_wait_for_a_handler_that_does_not_end(start: Start) -> None:
    app = start(Faults(handlers=[Slow(function="DeskAppDouble", seconds=4)]))
    app.resource("Double").start(1)
    time.sleep(0.1)
    started = time.monotonic()
    app.close()

    assert time.monotonic() - started < 3.5


def test_a_handler_cannot_do_more_than_its_links_allow(start: Start) -> None:
    app = start()
    app.resource("Rows").put({"id": "a"})

    assert app.get("/rows/a").status == 200
    assert app.get("/steal").status == 500
    assert app.resource("Rows").get("a") is not None
    assert any("AccessDeniedError" in line for line in app.logs)


def test_two_apps_at_once_do_not_mix_their_links(start: Start) -> None:
    first, second = start(Faults().calm()), start(Faults().calm())
    for n in range(20):
        first.post("/rows", json={"id": f"first {n}"})
        second.post("/rows", json={"id": f"second {n}"})
    first.settle()
    second.settle()

    assert {row["id"].split()[0] for row in first.resource("Rows").scan()} == {"first"}
    assert {row["id"].split()[0] for row in second.resource("Rows").scan()} == {"second"}
