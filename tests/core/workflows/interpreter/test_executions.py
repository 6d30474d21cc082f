"""Executions as a whole: stop, redrive, limits, long loops, the context object, and what is wrong with a document."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.workflows.frames import Call, Cancel, Continue, Ended
from isthmus.workflows.interpreter.turn import TRANSITIONS, token
from isthmus.workflows.states_error import StatesError
from tests.core.workflows.interpreter.worlds import Tasks, failing, inner, run, runner, task, types

LIMIT = 262_144


def test_an_execution_that_is_stopped_cancels_its_tasks() -> None:
    branches = [inner(A=task()), inner(W={"Type": "Wait", "Seconds": 9, "End": True})]
    made = runner({"P": {"Type": "Parallel", "Branches": branches, "End": True}}, {})
    call = next(effect for effect in made.interpreter.begin(made.ledger) if isinstance(effect, Call))

    effects = made.interpreter.stop(made.ledger, "Enough", "said so")

    assert effects == [Cancel(call.frame, call.token), Ended("ABORTED", None, "Enough", "said so")]
    assert made.history[-1].type == "ExecutionAborted"


def test_a_token_can_be_typed_behind_a_command() -> None:
    tokens = [token() for _ in range(2_000)]

    assert all(each.isalnum() for each in tokens)  # one in 64 began with a dash once, and was taken for an option
    assert len(set(tokens)) == len(tokens)


def test_a_redrive_goes_on_from_the_state_that_failed() -> None:
    tasks = Tasks(A=1, B=failing("Boom", then=2))
    made = runner({"A": task(Next="B", ResultPath="$.a"), "B": task(ResultPath="$.b")}, {}, tasks)
    first = made.run()

    second = made.redrive()

    assert (first.status, second.status, second.output) == ("FAILED", "SUCCEEDED", {"a": 1, "b": 2})
    assert (tasks.count("A"), tasks.count("B")) == (1, 2)
    assert "ExecutionRedriven" in types(second)


def test_a_redrive_has_all_retries_again_and_is_seen_in_the_context() -> None:
    tasks = Tasks(A=failing(*["Boom"] * 5, then=1))
    retrier = {"ErrorEquals": ["Boom"], "MaxAttempts": 2}
    made = runner({"A": task(Parameters={"r.$": "$$.Execution.RedriveCount"}, Retry=[retrier])}, {}, tasks)
    made.run()

    assert made.redrive().output == 1
    assert [(call.attempt, call.arguments["r"]) for call in tasks.calls] == [
        (1, 0),
        (2, 0),
        (3, 0),
        (1, 1),
        (2, 1),
        (3, 1),
    ]


def test_a_redrive_keeps_the_branches_and_iterations_that_succeeded() -> None:
    broken = {"left": True}

    def work(call: Call) -> Any:
        if call.arguments == 3 and broken.pop("left", False):
            raise StatesError("Boom")
        return call.arguments

    tasks = Tasks(I=work, A="a")
    mapping = {"Type": "Map", "ItemProcessor": inner(I=task()), "MaxConcurrency": 2, "End": True}
    branches = [inner(A=task()), inner(M=mapping)]
    made = runner({"P": {"Type": "Parallel", "Branches": branches, "End": True}}, [1, 2, 3, 4, 5], tasks)
    first = made.run()

    second = made.redrive()

    assert (first.status, second.output) == ("FAILED", ["a", [1, 2, 3, 4, 5]])
    assert tasks.count("A") == 1
    assert [call.arguments for call in tasks.calls if call.state == "I"].count(1) == 1


def test_a_redrive_of_a_map_that_itself_failed_starts_its_iterations_anew_and_no_earlier_one() -> None:
    tasks = Tasks()
    mapping = {"Type": "Map", "ItemProcessor": inner(I=task()), "MaxConcurrency": 2, "End": True}
    made = runner({"M": {**mapping, "ItemSelector": {"n.$": "$$.Map.Item.Value.n"}}}, [{"n": 0}, {"n": 1}, {}], tasks)
    made.run()  # the third iteration cannot be started while the second runs

    before = [frame.id for frame in made.ledger.below(0)]
    second = made.redrive()

    assert len(before) == 1
    assert second.status == "FAILED"
    assert [call.arguments["n"] for call in tasks.calls] == [0, 1, 0, 1]


def test_an_execution_that_was_stopped_can_be_redriven() -> None:
    tasks = Tasks(A=1)
    made = runner({"W": {"Type": "Wait", "Seconds": 9, "Next": "A"}, "A": task()}, {}, tasks)
    made.interpreter.begin(made.ledger)
    made.follow(made.interpreter.stop(made.ledger, "", ""))

    assert made.redrive().output == 1


def test_an_execution_that_timed_out_has_its_whole_time_again() -> None:
    waits = {"W": {"Type": "Wait", "Seconds": 9, "Next": "A"}, "A": task()}
    made = runner(waits, {}, Tasks(A=1), TimeoutSeconds=5)
    first = made.run()

    assert (first.status, made.redrive().status, made.now - first.seconds) == (
        "TIMED_OUT",
        "TIMED_OUT",
        made.ledger.execution.started + 5,
    )


@pytest.mark.parametrize("text", ["x" * LIMIT, "é" * (LIMIT // 2)])
def test_a_result_that_is_too_large_fails_by_its_own_name(text: str) -> None:
    caught = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "C"}]
    states = {"A": task(Catch=caught), "C": {"Type": "Pass", "Parameters": {"e.$": "$.Error"}, "End": True}}

    assert run(states, {}, Tasks(A=text)).output == {"e": "States.DataLimitExceeded"}


def test_a_result_of_just_the_limit_is_taken() -> None:
    assert run({"A": task()}, {}, Tasks(A="x" * (LIMIT - 2))).status == "SUCCEEDED"


def test_an_output_that_grows_too_large_fails() -> None:
    states = {"A": {"Type": "Pass", "Parameters": {"one.$": "$", "two.$": "$"}, "End": True}}

    assert run(states, "x" * (LIMIT // 2)).error == "States.DataLimitExceeded"


def test_an_input_that_is_too_large_fails_before_the_first_state() -> None:
    outcome = run({"A": task()}, "x" * LIMIT)

    assert (outcome.status, outcome.error) == ("FAILED", "States.DataLimitExceeded")
    assert "TaskStateEntered" not in types(outcome)


def test_the_outputs_of_a_map_together_are_limited() -> None:
    mapping = {"Type": "Map", "ItemProcessor": inner(I=task()), "End": True}

    outcome = run({"M": mapping}, list(range(20)), Tasks(I="x" * 20_000))

    assert outcome.error == "States.DataLimitExceeded"


def test_variables_are_limited_too() -> None:
    states = {"A": {"Type": "Pass", "Assign": {"a.$": "$", "b.$": "$"}, "End": True}}

    assert run(states, "x" * (LIMIT // 2)).error == "States.DataLimitExceeded"
    assert run(states, "x" * (LIMIT // 3)).status == "SUCCEEDED"


@pytest.mark.parametrize("result", [float("nan"), float("inf"), {1, 2}, object(), {"a": b"x"}])
def test_a_result_that_is_no_json_fails_and_does_not_raise(result: Any) -> None:
    outcome = run({"A": task()}, {}, Tasks(A=result))

    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")


def test_a_result_that_is_nested_too_deep_fails_and_does_not_raise() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]

    outcome = run({"A": task()}, {}, Tasks(A=deep))

    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")


def test_a_long_loop_is_many_short_turns() -> None:
    count = {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "B"}
    choose = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericLessThan": 50_000, "Next": "A"}],
        "Default": "C",
    }
    made = runner({"A": count, "B": choose, "C": {"Type": "Succeed"}}, {"n": 0})
    made.ledger.record = lambda event: None  # type: ignore[method-assign]

    effects = made.interpreter.begin(made.ledger)
    outcome = made.follow(effects)

    assert effects == [Continue(1)]
    assert outcome.output == {"n": 50_000}


def test_a_turn_ends_after_a_hundred_transitions() -> None:
    made = runner({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}, {})

    made.interpreter.begin(made.ledger)

    assert types_of(made.history).count("PassStateEntered") == TRANSITIONS


def types_of(history: Any) -> list[str]:
    return [event.type for event in history]


def test_the_context_object_knows_the_execution_the_state_and_the_machine() -> None:
    outcome = run({"A": {"Type": "Pass", "Parameters": {"c.$": "$$"}, "OutputPath": "$.c", "End": True}}, {"i": 1})

    assert outcome.output == {
        "Execution": {
            "Id": "e1",
            "Input": {"i": 1},
            "Name": "one",
            "RoleArn": "",
            "StartTime": "2023-11-14T22:13:20.000Z",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": "flow", "Name": "flow"},
        "State": {"Name": "A", "EnteredTime": "2023-11-14T22:13:20.000Z"},
    }


WRONG: list[dict[str, Any]] = [
    {"A": {"Type": "Pass", "Next": "Nowhere"}},
    {"A": {"Type": "Pass"}},
    {"A": {"Type": "Unheard"}},
    {"A": {}},
    {"A": {"Type": 7}},
    {"A": {"Type": "Map", "End": True}},
    {"A": {"Type": "Choice"}},
    {"A": {"Type": "Choice", "Choices": [], "Default": "Nowhere"}},
    {"A": {"Type": "Parallel", "Branches": [{"StartAt": "X", "States": {}}], "End": True}},
    {"A": {"Type": "Parallel", "Branches": [{"States": {"X": 7}}], "End": True}},
]


@pytest.mark.parametrize("states", WRONG)
def test_a_document_that_is_wrong_fails_the_execution_and_nothing_else(states: dict[str, Any]) -> None:
    outcome = run(states, [])

    assert outcome.status == "FAILED"
    assert outcome.error.startswith("States.")


def test_an_execution_that_starts_nowhere_fails() -> None:
    made = runner({"A": {"Type": "Succeed"}}, {}, start="Nowhere")

    assert made.run().error == "States.Runtime"


@pytest.mark.parametrize(
    ("fields", "error", "cause"),
    [
        ({}, "", ""),
        ({"Error": "E", "Cause": "C"}, "E", "C"),
        ({"ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"}, "err", "why!"),
        ({"ErrorPath": "$.n"}, "States.Runtime", None),
        ({"QueryLanguage": "JSONata", "Error": "{% $states.input.e %}"}, "err", ""),
        ({"QueryLanguage": "JSONata", "Error": "{% 7 %}"}, "States.QueryEvaluationError", None),
    ],
)
def test_a_fail_says_its_error_and_cause(fields: dict[str, Any], error: str, cause: str | None) -> None:
    outcome = run({"F": {"Type": "Fail", **fields}}, {"e": "err", "c": "why", "n": 7})

    assert (outcome.status, outcome.error) == ("FAILED", error)
    assert cause is None or outcome.cause == cause


def test_the_languages_may_be_mixed() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"n": 20}, "Next": "B"},
        "B": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $n + $states.input.m %}", "End": True},
    }

    assert run(states, {"m": 22}).output == 42


def test_a_machine_of_paths_never_loads_the_other_language() -> None:
    import subprocess
    import sys

    program = (
        "import sys\n"
        "from isthmus.workflows.definition import parse\n"
        "from isthmus.workflows.interpreter.runner import run\n"
        "made = parse({'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'End': True}}})\n"
        "assert run(made, {}, lambda call: None).status == 'SUCCEEDED'\n"
        "assert not [name for name in sys.modules if 'jsonata' in name], 'loaded'\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_ended_execution_leaves_no_frames() -> None:
    made = runner({"A": task()}, {}, Tasks(A=1))

    made.run()

    assert made.ledger.below(0) == []


def test_the_history_has_every_transition_with_its_data() -> None:
    outcome = run({"A": task()}, {"i": 1}, Tasks(A=2))

    assert [(event.type, dict(event.details)) for event in outcome.history] == [
        ("ExecutionStarted", {"input": {"i": 1}}),
        ("TaskStateEntered", {"input": {"i": 1}}),
        ("TaskScheduled", {"resource": "work", "parameters": {"i": 1}, "timeout": None, "heartbeat": None}),
        ("TaskSucceeded", {"resource": "work", "output": 2}),
        ("TaskStateExited", {"output": 2}),
        ("ExecutionSucceeded", {"output": 2}),
    ]
    assert {event.time for event in outcome.history} == {1_700_000_000.0}


def test_no_state_catches_an_input_that_is_too_large() -> None:
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]

    outcome = run({"A": task(Catch=caught), "C": {"Type": "Succeed"}}, "x" * LIMIT)

    assert (outcome.status, outcome.error) == ("FAILED", "States.DataLimitExceeded")


def test_an_expression_that_fails_is_told_in_the_history() -> None:
    outcome = run({"A": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $absent %}", "End": True}}, {})

    assert types(outcome)[-2:] == ["EvaluationFailed", "ExecutionFailed"]


def test_numbers_that_no_float_can_hold_do_no_harm() -> None:
    huge = 10**400
    retry = {
        "ErrorEquals": ["Boom"],
        "MaxAttempts": huge,
        "IntervalSeconds": huge,
        "BackoffRate": huge,
        "MaxDelaySeconds": 1,
    }
    states = {
        "A": task(TimeoutSeconds=huge, HeartbeatSeconds=huge, Retry=[retry], Next="W"),
        "W": {"Type": "Wait", "Seconds": huge, "Next": "M"},
        "M": {"Type": "Map", "MaxConcurrency": huge, "ItemsPath": "$.i", "ItemProcessor": inner(I=task()), "End": True},
    }

    outcome = run(states, {}, Tasks(A=failing("Boom", then={"i": [1]})), TimeoutSeconds=huge)

    assert (outcome.status, outcome.output) == ("SUCCEEDED", [1])
    assert run({"W": {"Type": "Wait", "SecondsPath": "$", "End": True}}, -huge).error == "States.Runtime"


def test_machines_in_one_another_run_as_deep_as_they_can_be_read() -> None:
    machine = inner(I={"Type": "Pass", "End": True})
    for _ in range(200):
        machine = inner(M={"Type": "Map", "ItemsPath": "$", "ItemProcessor": machine, "ResultPath": None, "End": True})

    assert run(machine["States"], [1]).status == "FAILED"
    for _ in range(2):
        machine = inner(
            P={
                "Type": "Parallel",
                "Branches": [machine],
                "Catch": [{"ErrorEquals": ["Other"], "Next": "P"}],
                "End": True,
            }
        )
    assert run(machine["States"], [1]).error == "States.Runtime"
