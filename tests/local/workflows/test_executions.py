"""Executions on the laptop: started, waited for, looked at, ended, redriven."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from isthmus import App
from isthmus.errors import InvalidValueError, InvocationFailedError, TooLargeError
from isthmus.workflow_errors import ExecutionNotFoundError, WorkflowFailedError
from isthmus_local.store.executions import EXPRESS_RETENTION, REDRIVABLE, RETENTION
from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import HANDLERS, Laptop, one, task

PASS = one({"Type": "Pass", "End": True})
WAIT = one({"Type": "Wait", "Seconds": 10, "End": True})


def laptop_with(run: Run, definition: dict[str, Any], **options: Any) -> Laptop:
    return run(lambda app: app.workflow("Work", definition, **options))


def test_an_execution_is_known_by_its_workflow_and_its_name(run: Run) -> None:
    work = laptop_with(run, PASS).resource("Work")
    execution = work.start({"a": 1}, name="first")
    seen = work.describe(execution)

    assert execution == seen.id == "Work:first"
    assert (seen.name, seen.status, seen.input["a"], seen.output["a"]) == ("first", "SUCCEEDED", 1, 1)


def test_a_name_is_that_of_the_first_execution_whatever_its_state_and_input(run: Run) -> None:
    laptop = laptop_with(run, WAIT)
    work = laptop.resource("Work")
    first = work.start({"a": 1}, name="one")
    while_it_runs = work.start({"a": 2}, name="one")
    laptop.advance(11)
    afterwards = work.start({"a": 3}, name="one")

    assert first == while_it_runs == afterwards
    assert work.describe(first).status == "SUCCEEDED"
    assert work.describe(first).input["a"] == 1
    assert laptop.rows("executions") == 1


def test_many_threads_that_start_by_one_name_start_one_execution(run: Run) -> None:
    laptop = laptop_with(run, WAIT)
    started: list[str] = []
    threads = [
        threading.Thread(target=lambda: started.append(laptop.resource("Work").start({}, name="one")))
        for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert started == ["Work:one"] * 30
    assert laptop.rows("executions") == 1


def test_an_input_may_have_256_kilobytes_with_its_envelope_and_no_more(run: Run) -> None:
    work = laptop_with(run, PASS).resource("Work")
    around = len('"') * 2

    assert work.run("x" * (256 * 1024 - around)) == "x" * (256 * 1024 - around)
    with pytest.raises(TooLargeError):
        work.start("x" * (256 * 1024 - around + 1))


def test_whoever_waits_is_told_of_a_failure_and_of_one_that_still_runs(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Work", one({"Type": "Fail", "Error": "Odd", "Cause": "so"}))
        app.workflow("Wait", WAIT)

    laptop = run(declare)
    with pytest.raises(WorkflowFailedError) as failed:
        laptop.resource("Work").run()
    with pytest.raises(TimeoutError, match="still runs after"):
        laptop.resource("Wait").run(timeout=0.05)

    assert (failed.value.status, failed.value.error, failed.value.cause) == ("FAILED", "Odd", "so")


def test_whoever_waits_hears_of_the_end_and_the_store_does_other_things_meanwhile(run: Run) -> None:
    laptop = laptop_with(run, WAIT)
    work = laptop.resource("Work")
    outputs: list[Any] = []
    names = [f"n{number % 3}" for number in range(9)]

    def wait_for(name: str) -> None:
        outputs.append(work.run("in", name=name))

    threads = [threading.Thread(target=wait_for, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    while laptop.rows("executions") < 3:
        pass
    laptop.advance(11)
    for thread in threads:
        thread.join()

    assert outputs == ["in"] * 9


def test_a_function_waits_for_a_workflow_that_calls_functions(run: Run) -> None:
    def declare(app: App) -> None:
        work = app.workflow("Work", one(task("echo")))
        app.function("Ask", f"{HANDLERS}.ask", link=[work.start], concurrency=2)

    laptop = run(declare)

    assert laptop.resource("Ask").invoke(["Work", "run", "hello"])["payload"] == "hello"


def test_a_link_gives_no_more_than_its_verbs(run: Run) -> None:
    def declare(app: App) -> None:
        work = app.workflow("Work", WAIT)
        app.function("Start", f"{HANDLERS}.ask", link=[work.start])
        app.function("Look", f"{HANDLERS}.ask", link=[work.read])

    laptop = run(declare)
    execution = laptop.resource("Start").invoke(["Work", "start", {}])

    assert laptop.resource("Look").invoke(["Work", "describe", execution]) == "RUNNING"
    for function, verb, argument in (
        ("Start", "describe", execution),
        ("Start", "stop", execution),
        ("Start", "succeed", "token"),
        ("Look", "start", "input"),
        ("Look", "run", "input"),
        ("Look", "heartbeat", "token"),
    ):
        with pytest.raises(InvocationFailedError) as refused:
            laptop.resource(function).invoke(["Work", verb, argument])
        assert refused.value.type == "AccessDeniedError"


def test_an_execution_of_another_workflow_is_not_found(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Work", PASS)
        app.workflow("Other", PASS)

    laptop = run(declare)
    execution = laptop.resource("Other").start({}, name="x")

    for unknown in (execution, "x", "", ":", "Work:", "Work:x:y", "Work:\ud800", "x" * 10_000, None):
        for ask in (laptop.resource("Work").describe, laptop.resource("Work").stop):
            with pytest.raises(ExecutionNotFoundError):
                ask(unknown)


def test_one_that_is_stopped_says_why_and_stays_as_it_is(run: Run) -> None:
    laptop = laptop_with(run, one(task("held")))
    work = laptop.resource("Work")
    execution = work.start("x")
    work.stop(execution, error="Enough", cause="é")
    handlers.gate.set()
    laptop.settle()
    work.stop(execution, error="Again")
    seen = work.describe(execution)

    assert (seen.status, seen.error, seen.cause) == ("ABORTED", "Enough", "é")
    assert laptop.types("Work", execution)[-1] == "ExecutionAborted"


def test_the_history_has_every_transition_without_a_gap(run: Run) -> None:
    count = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"}
    more = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericLessThan": 400, "Next": "Count"}],
        "Default": "End",
    }
    definition = {"StartAt": "Count", "States": {"Count": count, "More": more, "End": {"Type": "Succeed"}}}
    laptop = laptop_with(run, definition)
    execution = laptop.resource("Work").start({"n": 0})
    laptop.settle()
    events = laptop.history("Work", execution)

    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events].count("PassStateEntered") == 400
    assert [event["type"] for event in events].count("ChoiceStateExited") == 400
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert laptop.rows("execution_history") < 20, "many events are one row"


def test_a_failed_execution_goes_on_from_where_it_failed(run: Run) -> None:
    definition = {"StartAt": "First", "States": {"First": task("echo", Next="Then"), "Then": task("moody")}}
    laptop = laptop_with(run, definition)
    work = laptop.resource("Work")
    execution = work.start("x")
    laptop.settle()
    failed = work.describe(execution)
    handlers.mood["bad"] = False
    laptop.redrive("Work", execution)
    laptop.settle()
    seen = work.describe(execution)

    assert (failed.status, failed.error) == ("FAILED", "Odd")
    assert (seen.status, seen.output, seen.error) == ("SUCCEEDED", {"is": "good"}, "")
    assert [name for name, _, _ in handlers.calls] == ["echo", "moody", "moody"]
    assert "ExecutionRedriven" in laptop.types("Work", execution)


def test_what_has_not_failed_or_failed_long_ago_is_not_redriven(run: Run) -> None:
    laptop = laptop_with(run, one(task("moody")))
    work = laptop.resource("Work")
    old = work.start("x")
    laptop.settle()
    laptop.sleep(REDRIVABLE + 1)
    handlers.mood["bad"] = False
    good = laptop.resource("Work").start("x")
    laptop.settle()

    for execution in (old, good):
        with pytest.raises(InvalidValueError, match="redriven"):
            laptop.redrive("Work", execution)


def test_executions_that_ended_long_ago_are_forgotten_with_all_that_is_theirs(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Work", one(task("moody")))
        app.workflow("Quick", PASS, express=True)

    laptop = run(declare)
    laptop.resource("Work").start("x", name="old")
    laptop.resource("Quick").start("x")
    laptop.settle()
    laptop.sleep(EXPRESS_RETENTION + 1)
    laptop.sweep()
    quick = laptop.rows("executions")
    laptop.sleep(RETENTION)
    laptop.resource("Work").start("y", name="new")
    laptop.settle()
    laptop.sweep()

    assert quick == 1
    with pytest.raises(ExecutionNotFoundError):
        laptop.resource("Work").describe("Work:old")
    assert laptop.rows("executions") == laptop.rows("execution_values") == laptop.rows("execution_frames") == 1
    assert laptop.rows("workflow_definitions") == 2


def test_an_express_execution_keeps_no_history_and_ends_after_five_minutes(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Quick", one({"Type": "Wait", "Seconds": 200, "End": True}), express=True)
        app.workflow("Late", one({"Type": "Wait", "Seconds": 301, "End": True}), express=True)

    laptop = run(declare)
    quick, late = laptop.resource("Quick").start({}), laptop.resource("Late").start({})
    laptop.advance(302)
    seen = laptop.resource("Late").describe(late)

    assert laptop.resource("Quick").describe(quick).status == "SUCCEEDED"
    assert (seen.status, seen.error) == ("TIMED_OUT", "States.Timeout")
    assert laptop.history("Late", late) == []
    with pytest.raises(InvalidValueError, match="express"):
        laptop.redrive("Late", late)
