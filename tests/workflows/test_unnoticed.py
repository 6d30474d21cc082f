"""What deliberate breakages of the interpreter have shown that no other test would notice."""

from __future__ import annotations

from isthmus.workflows.frames import Call, Cancel
from isthmus.workflows.interpreter.moments import written
from tests.core.workflows.interpreter.worlds import STARTED, Tasks, failing, inner, run, runner, task, types

WAIT = {"Type": "Wait", "Seconds": 5, "Next": "B"}
TIME = {"t.$": "$$.State.EnteredTime"}


def test_each_state_has_a_time_of_its_own_at_which_it_was_entered() -> None:
    tasks = Tasks()
    states = {"A": task(Parameters=TIME, Next="Rest"), "Rest": WAIT, "B": task(Parameters=TIME)}

    run(states, {}, tasks)

    assert [call.arguments["t"] for call in tasks.calls] == [written(STARTED), written(STARTED + 5)]


def test_only_an_expression_that_fails_is_told_as_one() -> None:
    assert "EvaluationFailed" not in types(run({"A": task()}, {}, Tasks(A=failing("Boom"))))


def test_a_machine_that_goes_on_for_long_after_a_task_comes_to_its_end() -> None:
    more = {"Variable": "$.n", "NumericLessThan": 200, "Next": "Count"}
    states = {
        "A": task(ResultPath=None, Next="Count"),
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
        "More": {"Type": "Choice", "Choices": [more], "Default": "B"},
        "B": {"Type": "Succeed"},
    }

    assert run(states, {"n": 0}, Tasks()).output == {"n": 200}


def test_the_history_tells_through_which_states_a_failure_went() -> None:
    branch = inner(A=task())
    spread = {"Type": "Parallel", "Branches": [branch], "End": True}
    each = {"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner(P=spread), "End": True}

    outcome = run({"M": each}, [1], Tasks(A=failing("Boom")))
    failures = [type for type in types(outcome) if type.endswith("Failed")]

    spreads = ["ParallelStateFailed", "MapIterationFailed", "MapStateFailed"]
    assert failures == ["TaskFailed", *spreads, "ExecutionFailed"]


def test_what_runs_in_an_iteration_whose_failure_is_tolerated_is_cancelled() -> None:
    spread = {"Type": "Parallel", "Branches": [inner(A=task()), inner(B=task())], "End": True}
    processor = {**inner(P=spread), "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    each = {"Type": "Map", "ItemsPath": "$", "ItemProcessor": processor, "ToleratedFailureCount": 1, "Next": "Rest"}
    made = runner({"M": each, "Rest": {"Type": "Wait", "Seconds": 9, "End": True}}, [1])
    first, second = (effect for effect in made.interpreter.begin(made.ledger) if isinstance(effect, Call))

    effects = made.interpreter.fail(made.ledger, first.frame, "Boom", "", token=first.token)

    assert [effect for effect in effects if isinstance(effect, Cancel)] == [Cancel(second.frame, second.token)]
    assert made.interpreter.succeed(made.ledger, second.frame, 1, token=second.token) == []
