"""Expressions that take long: the store serves others meanwhile, and what they come to is what they would at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus import App
from isthmus.errors import ServiceError
from isthmus.workflows.tape import computed
from isthmus_local.store.database import Database, Transaction
from isthmus_local.store.execution_frames import Place
from isthmus_local.workflow_attempts import SECONDS, Attempts
from isthmus_local.workflow_steps import Steps
from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import HANDLERS, Laptop, one

LONG = "$sum($map([1..200], function($n) { $sum([1..(100 + $n)]) }))"
"""An expression that takes longer than a step of an execution may, and less than an expression may."""

SUM = sum(sum(range(1, 101 + n)) for n in range(1, 201))

ENDLESS = "$sum($map([1..3000], function($a) { $sum([1..(3000 + $a)]) }))"
"""An expression that takes longer than any may."""


def states(*outputs: Any) -> dict[str, Any]:
    """Return a definition of states that have these outputs, one after the other."""
    last = len(outputs) - 1
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "S0",
        "States": {
            f"S{n}": {"Type": "Pass", "Output": output, **({"End": True} if n == last else {"Next": f"S{n + 1}"})}
            for n, output in enumerate(outputs)
        },
    }


def laptop_of(run: Run, definition: dict[str, Any]) -> Laptop:
    def declare(app: App) -> None:
        app.workflow("Work", definition)
        app.workflow("Plain", one({"Type": "Pass", "End": True}))

    return run(declare)


def test_the_store_serves_others_while_an_expression_takes_its_three_seconds(run: Run) -> None:
    laptop = laptop_of(run, states(f"{{% {ENDLESS} %}}"))
    work, plain = laptop.resource("Work"), laptop.resource("Plain")
    plain.run({})
    waits: list[float] = []

    def others_start() -> None:
        while not ended:
            began = time.monotonic()
            plain.start({})
            waits.append(time.monotonic() - began)
            time.sleep(0.01)

    ended: list[bool] = []
    others = threading.Thread(target=others_start)
    others.start()
    began = time.monotonic()
    execution = work.start({})
    took = time.monotonic() - began
    ended.append(True)
    others.join()

    assert took > 2
    assert len(waits) > 10
    assert max(waits) < 1
    assert work.describe(execution).error == "States.QueryEvaluationError"


def test_what_took_long_is_as_if_it_had_not(run: Run) -> None:
    outputs = [f"{{% {LONG} + $states.input.n %}}", "{% $states.input %}", f"{{% $states.input + {LONG} %}}"]
    laptop = laptop_of(run, states(*outputs))
    work = laptop.resource("Work")
    ended = [work.describe(work.start({"n": n}, name=f"n{n}")).output for n in range(3)]

    assert ended == [2 * SUM + n for n in range(3)]
    assert laptop.rows("executions") == 3
    assert [event["id"] for event in laptop.history("Work", "Work:n0")] == list(range(1, 9))
    assert laptop.types("Work", "Work:n0").count("PassStateEntered") == 3


def test_tokens_and_names_are_those_that_an_expression_has_seen(run: Run) -> None:
    asked = {"token": f"{{% $states.context.Task.Token & $substring($string({LONG}), 0, 0) %}}"}
    mine = {"name": f"{{% $states.context.Execution.Name & $substring($string({LONG}), 0, 0) %}}"}
    definition = states(mine, "")
    definition["States"]["S1"] = {
        "Type": "Task",
        "Resource": f"{HANDLERS}.echo.waitForTaskToken",
        "Arguments": asked,
        "Assign": {"at": f"{{% {LONG} %}}"},
        "Next": "S2",
    }
    definition["States"]["S0"]["Assign"] = {"name": "{% $states.context.Execution.Name %}"}
    definition["States"]["S2"] = {"Type": "Pass", "Output": "{% [$name, $states.input, $at] %}", "End": True}
    laptop = laptop_of(run, definition)
    work = laptop.resource("Work")
    execution = work.start({})
    laptop.settle()
    (call,) = handlers.calls
    work.succeed(call[1]["token"], "thanks")
    laptop.settle()

    seen = work.describe(execution)
    assert seen.output == [seen.name, "thanks", SUM]


def test_what_is_due_is_woken_once_however_long_it_computes_then(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Place] = []
    wake = Steps.wake

    def counted(steps: Steps, tx: Transaction, place: Place) -> None:
        tries.append(place)
        wake(steps, tx, place)

    monkeypatch.setattr(Steps, "wake", counted)
    definition = states("", f"{{% {LONG} %}}")
    definition["States"]["S0"] = {"Type": "Wait", "Seconds": 10, "Next": "S1"}
    laptop = laptop_of(run, definition)
    execution = laptop.resource("Work").start({})
    laptop.advance(11)

    assert laptop.resource("Work").describe(execution).output == SUM
    assert len(tries) == 2, "one that was broken off, and one with what the thread has found"


def test_whoever_asks_an_app_that_stops_for_what_takes_long_is_told_so(tmp_path: Path) -> None:
    told: dict[str, BaseException | None] = {}

    def compute() -> Any:
        time.sleep(5 * SECONDS)
        return TimeoutError()

    def long(_: Transaction) -> Any:
        return computed("long", compute)

    async def asked() -> None:
        def ask(name: str, op: Callable[[Transaction], Any]) -> None:
            attempts.post(lambda _, error: told.update({name: error}), op)

        database.attach(asyncio.get_running_loop(), lambda _: None)
        attempts = Attempts(database)
        ask("in the thread", long)
        ask("before the thread", long)
        await asyncio.sleep(SECONDS)
        attempts.stop()
        ask("late", long)
        ask("short", lambda _: None)
        while len(told) < 4:
            await asyncio.sleep(SECONDS)

    database = Database(tmp_path / "store.sqlite")
    asyncio.run(asyncio.wait_for(asked(), 5))
    database.close()

    assert told.pop("short") is None
    assert {type(error) for error in told.values()} == {ServiceError}
