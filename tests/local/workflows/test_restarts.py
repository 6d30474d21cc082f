"""What an app that starts again makes of the executions that an earlier run of it left."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from isthmus import App
from isthmus.workflow_errors import TaskTokenError
from isthmus_local.store.database import Transaction
from isthmus_local.workflow_requests import Requests
from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import HANDLERS, one, task
from tests.local.workflows.test_tasks import CALLBACK, token_of


def wait(seconds: int, following: dict[str, Any]) -> dict[str, Any]:
    return {
        "StartAt": "Rest",
        "States": {"Rest": {"Type": "Wait", "Seconds": seconds, "Next": "Then"}, "Then": following},
    }


def declared(definition: dict[str, Any], **options: Any) -> Any:
    def declare(app: App) -> None:
        app.queue("Line").subscribe(f"{HANDLERS}.remember")
        app.workflow("Work", definition, **options)

    return declare


def test_timers_go_on_and_what_was_due_meanwhile_is_done_at_the_start(run: Run) -> None:
    laptop = run(declared(wait(100, task("echo"))))
    soon = laptop.resource("Work").start("soon")
    laptop.settle()
    laptop.sleep(60)
    late = laptop.resource("Work").start("late")
    laptop.settle()
    laptop.sleep(60)
    laptop.settle()

    assert laptop.resource("Work").describe(soon).status == "SUCCEEDED"
    assert laptop.resource("Work").describe(late).status == "RUNNING"
    laptop.advance(41)
    assert laptop.resource("Work").describe(late).status == "SUCCEEDED"


def test_a_task_that_ran_is_called_again_and_says_so(run: Run) -> None:
    laptop = run(declared(one(task("held"))))
    execution = laptop.resource("Work").start("x")
    while not handlers.calls:
        time.sleep(0.001)
    laptop.sleep(1)
    handlers.gate.set()
    laptop.settle()
    history = laptop.history("Work", execution)
    again = [event for event in history if event["type"] == "TaskScheduledAgain"]

    assert laptop.resource("Work").describe(execution).output == "let go"
    assert [attempt for _, _, attempt in handlers.calls] == [1, 2]
    assert [event["details"]["attempt"] for event in again] == [2]


def test_a_message_with_a_token_is_not_sent_again(run: Run) -> None:
    laptop = run(declared(one(CALLBACK)))
    execution = laptop.resource("Work").start("x")
    token = token_of(laptop)
    laptop.sleep(1)
    laptop.settle()
    laptop.resource("Work").succeed(token, "by token")

    assert [name for name, _, _ in handlers.calls] == ["remember"]
    assert laptop.resource("Work").describe(execution).output == "by token"


def test_executions_go_on_with_the_definition_that_they_were_started_with(run: Run) -> None:
    laptop = run(declared(wait(100, {"Type": "Pass", "Result": "old", "End": True})))
    old = laptop.resource("Work").start({})
    laptop.settle()
    laptop.stop()
    laptop.start(declared(wait(100, {"Type": "Pass", "Result": "new", "End": True})))
    new = laptop.resource("Work").start({})
    laptop.advance(101)

    assert laptop.resource("Work").describe(old).output == "old"
    assert laptop.resource("Work").describe(new).output == "new"


def test_an_execution_whose_workflow_is_gone_stays_and_goes_on_when_that_is_back(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    laptop = run(declared(wait(100, task("echo"))))
    execution = laptop.resource("Work").start({})
    laptop.settle()
    laptop.stop()
    with caplog.at_level(logging.WARNING, "isthmus.local"):
        laptop.start(lambda app: app.queue("Line"))
    laptop.advance(200)
    while_gone = laptop.rows("execution_frames")
    laptop.stop()
    laptop.start(declared(wait(100, task("echo"))))
    laptop.settle()

    assert while_gone == 1
    assert "workflow Work is declared no more: its 1 running executions" in caplog.text
    assert laptop.resource("Work").describe(execution).status == "SUCCEEDED"


def test_a_workflow_that_was_gone_hears_of_the_end_that_it_waits_for(run: Run) -> None:
    def child(app: App) -> None:
        app.workflow("Child", one(task("held")))

    def both(app: App) -> None:
        child(app)
        app.workflow("Parent", one({"Type": "Task", "Resource": "Child.sync", "End": True}))

    laptop = run(both)
    parent = laptop.resource("Parent").start({})
    while not handlers.calls:
        time.sleep(0.001)
    laptop.stop()
    handlers.gate.set()
    laptop.start(child)
    laptop.settle()
    meanwhile = laptop.statuses("Child")
    laptop.stop()
    laptop.start(both)
    laptop.settle()

    assert meanwhile == ["SUCCEEDED"]
    assert laptop.resource("Parent").describe(parent).output == "let go"


def test_an_end_in_the_middle_of_a_stop_leaves_no_execution_that_nobody_waits_for(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Child", one({"Type": "Wait", "Seconds": 100, "End": True}))
        app.workflow("Parent", one({"Type": "Task", "Resource": "Child.sync", "End": True}))

    laptop = run(declare)
    stopped, _ = (laptop.resource("Parent").start({}, name=name) for name in ("stopped", "other"))
    laptop.settle()
    requests, parent = Requests(laptop.runtime.steps), laptop.workflow("Parent")

    def stop(tx: Transaction) -> None:
        requests.stop(tx, parent, stopped, "", "")
        tx.notices.clear()  # the app ends before anybody hears of it

    laptop.do(stop)
    laptop.sleep(1)
    laptop.settle()

    assert sorted(laptop.statuses("Child")) == ["ABORTED", "RUNNING"]


def test_an_execution_that_was_redriven_goes_on_though_nobody_waits_for_it(run: Run) -> None:
    rest = {"Type": "Wait", "Seconds": 100, "End": True}

    def declare(app: App) -> None:
        app.workflow("Child", {"StartAt": "Do", "States": {"Do": task("moody", Next="Rest"), "Rest": rest}})
        app.workflow("Parent", one({"Type": "Task", "Resource": "Child.sync", "End": True}))

    laptop = run(declare)
    laptop.resource("Parent").start({})
    laptop.settle()
    failed = laptop.statuses("Child")
    handlers.mood["bad"] = False
    laptop.redrive("Child", laptop.value("SELECT workflow || ':' || name FROM executions WHERE workflow = 'Child'"))
    laptop.settle()
    laptop.sleep(1)
    laptop.settle()

    assert (failed, laptop.statuses("Child")) == (["FAILED"], ["RUNNING"])
    laptop.advance(101)
    assert laptop.statuses("Child") == ["SUCCEEDED"]


def test_a_call_whose_function_is_gone_fails_its_task(run: Run) -> None:
    laptop = run(declared(wait(10, task("echo"))))
    execution = laptop.resource("Work").start({})
    laptop.settle()
    laptop.stop()
    laptop.start(declared(one({"Type": "Pass", "End": True})))
    laptop.advance(11)
    seen = laptop.resource("Work").describe(execution)

    assert (seen.status, seen.error) == ("FAILED", "States.Runtime")
    assert "echo" in seen.cause


def test_a_bind_that_has_changed_holds_for_what_waits(run: Run) -> None:
    name = "arn:aws:lambda:eu-west-1:123456789012:function:work"
    definition = one({"Type": "Task", "Resource": name, "End": True})
    laptop = run(declared(definition, bind={name: f"{HANDLERS}.held"}, concurrency=1))
    executions = [laptop.resource("Work").start(n) for n in range(5)]
    while not handlers.calls:
        time.sleep(0.001)
    laptop.stop()
    laptop.start(declared(definition, bind={name: f"{HANDLERS}.echo"}))
    laptop.settle()

    assert {laptop.resource("Work").describe(one_).status for one_ in executions} == {"SUCCEEDED"}
    assert sum(name == "echo" for name, _, _ in handlers.calls) == 5


def test_a_token_of_an_execution_that_ended_before_the_start_is_late(run: Run) -> None:
    laptop = run(declared(one(CALLBACK)))
    execution = laptop.resource("Work").start("x")
    token = token_of(laptop)
    laptop.resource("Work").stop(execution)
    laptop.sleep(1)

    with pytest.raises(TaskTokenError):
        laptop.resource("Work").succeed(token, 1)


def test_thousands_of_executions_in_the_middle_of_a_loop_all_go_on(run: Run) -> None:
    count = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"}
    more = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericLessThan": 300, "Next": "Count"}],
        "Default": "End",
    }
    definition = {"StartAt": "Count", "States": {"Count": count, "More": more, "End": {"Type": "Succeed"}}}
    laptop = run(declared(definition))
    executions = [laptop.resource("Work").start({"n": 0}) for _ in range(150)]
    laptop.sleep(1)
    laptop.settle()

    assert {laptop.resource("Work").describe(execution).output["n"] for execution in executions} == {300}
