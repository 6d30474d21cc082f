"""Expressions that take long: the store serves others meanwhile, and what they come to is what they would at once."""

from __future__ import annotations

import threading
import time
from typing import Any

from isthmus import App
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
