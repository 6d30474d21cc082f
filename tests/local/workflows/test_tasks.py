"""What tasks of workflows call on the laptop, and how their failures are told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from isthmus import App
from isthmus.errors import TooLargeError
from isthmus.workflow_errors import TaskTokenError, WorkflowFailedError
from isthmus_local.workflow_tasks import THREADS
from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import HANDLERS, Laptop, one, task

CALLBACK = {
    "Type": "Task",
    "Resource": "Line.waitForTaskToken",
    "Parameters": {"token.$": "$$.Task.Token"},
    "End": True,
}


def laptop_with(run: Run, definition: dict[str, Any], **options: Any) -> Laptop:
    return run(lambda app: app.workflow("Work", definition, **options))


def callback(run: Run, **fields: Any) -> Laptop:
    def declare(app: App) -> None:
        app.queue("Line").subscribe(f"{HANDLERS}.remember")
        app.workflow("Work", one({**CALLBACK, **fields}))
        app.workflow("Other", one({**CALLBACK, **fields}))

    return run(declare)


def token_of(laptop: Laptop, number: int = -1) -> str:
    laptop.settle()
    token: str = [payload["token"] for name, payload, _ in handlers.calls if name == "remember"][number]
    return token


def failed(laptop: Laptop, given: Any = None) -> tuple[str, Any]:
    """Return the error and the parsed cause of an execution that fails."""
    with pytest.raises(WorkflowFailedError) as caught:
        laptop.resource("Work").run(given)
    return caught.value.error, json.loads(caught.value.cause)


def test_an_exception_is_an_error_by_the_name_of_its_class(run: Run) -> None:
    error, cause = failed(laptop_with(run, one(task("broken"))), {})

    assert error == "OutOfStockError"
    assert cause == {"errorType": "OutOfStockError", "errorMessage": "nothing is left, é"}


def test_the_end_of_its_process_is_the_fault_of_the_platform(run: Run) -> None:
    error, cause = failed(laptop_with(run, one(task("crash"))))

    assert (error, cause["errorType"]) == ("ServiceError", "CrashedError")


def test_a_function_that_overruns_its_own_timeout_is_told_as_lambda_tells_it(run: Run) -> None:
    error, cause = failed(laptop_with(run, one(task("slow")), timeout=1))

    assert error == "Sandbox.Timedout"
    assert "timeout" in cause["errorMessage"]


def test_a_result_that_is_too_large_is_an_error_of_the_state(run: Run) -> None:
    with pytest.raises(WorkflowFailedError) as caught:
        laptop_with(run, one(task("large"))).resource("Work").run()

    assert caught.value.error == "States.DataLimitExceeded"


def test_attempts_wait_as_their_retrier_says(run: Run) -> None:
    retry = [{"ErrorEquals": ["OutOfStockError"], "IntervalSeconds": 10, "BackoffRate": 3, "MaxAttempts": 5}]
    laptop = laptop_with(run, one(task("broken", Retry=retry)))
    execution = laptop.resource("Work").start({"times": 3})
    attempts: list[int] = []
    for seconds in (9, 2, 28, 3, 87, 3):
        laptop.advance(seconds)
        attempts.append(len(handlers.calls))

    assert attempts == [1, 2, 2, 3, 3, 4]
    assert [attempt for _, _, attempt in handlers.calls] == [1, 2, 3, 4]
    assert laptop.resource("Work").describe(execution).output == "fine"


def test_a_wait_of_a_month_is_over_in_a_month(run: Run) -> None:
    month = 30 * 24 * 3600
    laptop = laptop_with(run, one({"Type": "Wait", "Seconds": month, "End": True}))
    execution = laptop.resource("Work").start({})
    laptop.settle()
    laptop.sleep(month - 1)
    laptop.settle()
    before = laptop.resource("Work").describe(execution).status
    laptop.advance(2)

    assert (before, laptop.resource("Work").describe(execution).status) == ("RUNNING", "SUCCEEDED")


def test_whoever_has_the_token_completes_the_task_once(run: Run) -> None:
    laptop = callback(run)
    work = laptop.resource("Work")
    execution = work.start({})
    token = token_of(laptop)
    with pytest.raises(TaskTokenError):
        laptop.resource("Other").succeed(token, 1)
    with pytest.raises(TooLargeError):
        work.succeed(token, "x" * 256 * 1024)
    work.succeed(token, {"n": 1})

    assert work.describe(execution).output == {"n": 1}
    with pytest.raises(TaskTokenError):
        work.succeed(token, 2)
    with pytest.raises(TaskTokenError):
        work.fail(token, "E")
    with pytest.raises(TaskTokenError):
        work.heartbeat(token)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 100_000, None, 7], ids=lambda token: repr(token)[:10])
def test_a_token_of_nobody_is_refused(run: Run, token: Any) -> None:
    work = callback(run).resource("Work")

    with pytest.raises(TaskTokenError):
        work.succeed(token)
    with pytest.raises(TaskTokenError):
        work.fail(token, "E")
    with pytest.raises(TaskTokenError):
        work.heartbeat(token)


def test_the_token_of_a_function_that_runs_is_no_callers_to_complete(run: Run) -> None:
    laptop = laptop_with(run, one(task("held")))
    execution = laptop.resource("Work").start({})
    while not handlers.calls:
        time.sleep(0.001)
    token = laptop.value("SELECT token FROM execution_frames")

    with pytest.raises(TaskTokenError):
        laptop.resource("Work").succeed(token, "forged")
    handlers.gate.set()
    laptop.settle()
    assert laptop.resource("Work").describe(execution).output == "let go"


def test_a_task_that_nobody_completes_times_out_and_its_token_is_late(run: Run) -> None:
    laptop = callback(run, TimeoutSeconds=60)
    work = laptop.resource("Work")
    execution = work.start({})
    token = token_of(laptop)
    laptop.advance(61)
    seen = work.describe(execution)

    assert (seen.status, seen.error) == ("FAILED", "States.Timeout")
    with pytest.raises(TaskTokenError):
        work.succeed(token, 1)


def test_heartbeats_keep_a_task_alive_and_without_one_it_fails(run: Run) -> None:
    laptop = callback(run, HeartbeatSeconds=10)
    work = laptop.resource("Work")
    execution = work.start({})
    token = token_of(laptop)
    for _ in range(5):
        laptop.advance(9)
        work.heartbeat(token)
    alive = work.describe(execution).status
    laptop.advance(11)

    assert alive == "RUNNING"
    assert work.describe(execution).error == "States.HeartbeatTimeout"


def test_a_late_result_is_that_of_another_attempt(run: Run) -> None:
    retry = [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    laptop = laptop_with(run, one(task("held", TimeoutSeconds=5, Retry=retry)))
    execution = laptop.resource("Work").start({})
    while not handlers.calls:
        time.sleep(0.001)
    laptop.step(7)
    while len(handlers.calls) < 2:
        time.sleep(0.001)
    handlers.gate.set()
    laptop.settle()

    assert [attempt for _, _, attempt in handlers.calls] == [1, 2]
    assert laptop.types("Work", execution).count("TaskSucceeded") == 1


def test_a_message_carries_the_correlation_id_of_the_execution(run: Run) -> None:
    laptop = callback(run)
    execution = laptop.resource("Work").start({})
    token_of(laptop)
    given = laptop.resource("Work").describe(execution).input["isthmus"]

    assert handlers.correlations == [given["isthmus-correlation-id"]]


def test_a_workflow_waits_for_another_and_takes_its_output_or_its_failure(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Inner", one(task("moody")))
        app.workflow("Work", one({"Type": "Task", "Resource": "Inner.sync", "End": True}))

    laptop = run(declare)
    error, cause = failed(laptop, {"n": 1})
    handlers.mood["bad"] = False

    assert laptop.resource("Work").run({"n": 2}) == {"is": "good"}
    assert (error, cause["Error"], cause["Status"]) == ("States.TaskFailed", "Odd", "FAILED")
    assert json.loads(cause["Cause"])["errorType"] == "Odd"


def test_a_task_that_only_starts_a_workflow_has_its_id_for_a_result(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Inner", one({"Type": "Pass", "End": True}))
        app.workflow("Work", one({"Type": "Task", "Resource": "Inner", "End": True}))

    laptop = run(declare)
    output = laptop.resource("Work").run({"n": 2})

    assert laptop.resource("Inner").describe(output["ExecutionArn"]).output["n"] == 2


def test_the_integration_of_workflows_takes_a_name_once(run: Run) -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "Inner", "Name.$": "$.name", "Input": {"n": 1}},
        "End": True,
    }

    def declare(app: App) -> None:
        app.workflow("Inner", one({"Type": "Pass", "End": True}))
        app.workflow("Work", one(start))

    laptop = run(declare)
    output = laptop.resource("Work").run({"name": "x"})
    with pytest.raises(WorkflowFailedError) as again:
        laptop.resource("Work").run({"name": "x"})

    assert (output["Status"], output["Name"], output["Output"]["n"]) == ("SUCCEEDED", "x", 1)
    assert again.value.error == "StepFunctions.ExecutionAlreadyExistsException"


@pytest.mark.parametrize("text", ["{", "[" * 100_000, 7 * "[" + "}"], ids=["half", "deep", "odd"])
def test_an_input_that_is_no_json_starts_no_workflow_and_holds_up_no_other(run: Run, text: str) -> None:
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": "Inner", "Input.$": "$.text"},
        "End": True,
    }

    def declare(app: App) -> None:
        app.workflow("Inner", one({"Type": "Pass", "End": True}))
        app.workflow("Work", one(start))

    laptop = run(declare)
    work = laptop.resource("Work")
    for _ in range(THREADS + 1):
        with pytest.raises(WorkflowFailedError) as refused:
            work.run({"text": text}, timeout=5)
        assert refused.value.error == "StepFunctions.AWSStepFunctionsException"

    assert work.run({"text": '{"n": 1}'}, timeout=5)["Output"]["n"] == 1


def test_whoever_is_stopped_stops_the_execution_that_it_waits_for(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Inner", one({"Type": "Wait", "Seconds": 100, "End": True}))
        app.workflow("Work", one({"Type": "Task", "Resource": "Inner.sync", "TimeoutSeconds": 50, "End": True}))

    laptop = run(declare)
    stopped, late = (laptop.resource("Work").start({}, name=name) for name in ("stopped", "late"))
    laptop.settle()
    laptop.resource("Work").stop(stopped)
    laptop.settle()
    after_the_stop = laptop.statuses("Inner")
    laptop.advance(51)

    assert sorted(after_the_stop) == ["ABORTED", "RUNNING"]
    assert laptop.statuses("Inner") == ["ABORTED", "ABORTED"]
    assert laptop.resource("Work").describe(late).error == "States.Timeout"


def test_an_integration_invokes_a_function_and_wraps_what_it_returns(run: Run) -> None:
    invoke = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "Echo", "Payload": {"n": 1}},
        "End": True,
    }

    def declare(app: App) -> None:
        app.function("Echo", f"{HANDLERS}.echo")
        app.workflow("Work", one(invoke))

    output = run(declare).resource("Work").run({})

    assert (output["StatusCode"], output["Payload"]["payload"]) == (200, {"n": 1})


def test_a_map_over_many_items_calls_no_more_at_once_than_it_may(run: Run) -> None:
    fan = {
        "Type": "Map",
        "MaxConcurrency": 7,
        "ItemProcessor": {"StartAt": "Each", "States": {"Each": task("echo")}},
        "ResultSelector": {"length.$": "States.ArrayLength($)"},
        "End": True,
    }
    laptop = laptop_with(run, one(fan))

    assert laptop.resource("Work").run(list(range(1000)), timeout=30) == {"length": 1000}
    assert sorted(payload for _, payload, _ in handlers.calls) == list(range(1000))
    assert laptop.rows("execution_items") == laptop.rows("execution_outputs") == laptop.rows("execution_joins") == 0


def test_more_calls_than_memory_has_room_for_are_all_made_once(run: Run) -> None:
    laptop = laptop_with(run, one(task("held")), concurrency=1)
    work = laptop.resource("Work")
    executions = [work.start(number) for number in range(1300)]
    handlers.gate.set()
    laptop.settle()

    assert sorted(payload for _, payload, _ in handlers.calls) == list(range(1300))
    assert {work.describe(execution).status for execution in executions} == {"SUCCEEDED"}
    assert {attempt for _, _, attempt in handlers.calls} == {1}
