"""Retry and Catch: who takes which error, how often a task is called, and how long lies between."""

from __future__ import annotations

import random
from typing import Any

import pytest

from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.failures import delay, matches
from isthmus.workflows.interpreter.program import Retrier
from isthmus.workflows.interpreter.runner import Late
from isthmus.workflows.states_error import StatesError
from tests.core.workflows.interpreter.worlds import Tasks, failing, run, runner, task


def retry(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **fields}


def catch(*errors: str, to: str = "Caught", **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "Next": to, **fields}


CAUGHT = {"Type": "Pass", "End": True}


def test_a_task_is_tried_three_times_more_by_default_with_doubled_waits() -> None:
    tasks = Tasks(A=failing("Boom", "Boom", "Boom", "Boom", "Boom"))

    outcome = run({"A": task(Retry=[retry("States.ALL")])}, {}, tasks)

    assert (outcome.status, outcome.error, outcome.cause) == ("FAILED", "Boom", "because")
    assert [call.attempt for call in tasks.calls] == [1, 2, 3, 4]
    assert outcome.seconds == 1 + 2 + 4


def test_a_task_that_recovers_goes_on() -> None:
    tasks = Tasks(A=failing("Boom", "Boom"))

    outcome = run({"A": task(Retry=[retry("Boom", IntervalSeconds=3, BackoffRate=1.5)])}, {}, tasks)

    assert (outcome.output, tasks.count("A"), outcome.seconds) == ("done", 3, 3 + 4.5)


def test_no_attempts_are_none() -> None:
    tasks = Tasks(A=failing("Boom"))

    outcome = run({"A": task(Retry=[retry("States.ALL", MaxAttempts=0)])}, {}, tasks)

    assert (outcome.status, tasks.count("A")) == ("FAILED", 1)


def test_each_retrier_counts_for_itself() -> None:
    tasks = Tasks(A=failing("X", "Y", "X", "Y", "X", then=1))
    retriers = [retry("X", MaxAttempts=2, IntervalSeconds=1), retry("Y", MaxAttempts=2, IntervalSeconds=10)]

    outcome = run({"A": task(Retry=retriers)}, {}, tasks)

    assert (outcome.status, outcome.error) == ("FAILED", "X")
    assert tasks.count("A") == 5
    assert outcome.seconds == 1 + 10 + 2 + 20


def test_the_first_retrier_that_lists_an_error_is_the_only_one_that_takes_it() -> None:
    tasks = Tasks(A=failing("X", "X", "X"))

    outcome = run({"A": task(Retry=[retry("X", MaxAttempts=1), retry("States.ALL", MaxAttempts=9)])}, {}, tasks)

    assert (outcome.status, tasks.count("A")) == ("FAILED", 2)


def test_counters_begin_anew_when_a_state_is_entered_again() -> None:
    answers = iter(["X", 1, "X", 2])

    def work(call: Call) -> Any:
        answer = next(answers)
        if answer == "X":
            raise StatesError("X")
        return answer

    tasks = Tasks(A=work)
    states = {
        "A": task(Retry=[retry("X", MaxAttempts=1)], Next="B"),
        "B": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "A"}], "Default": "C"},
        "C": {"Type": "Succeed"},
    }

    outcome = run(states, {}, tasks)

    assert (outcome.status, outcome.output) == ("SUCCEEDED", 2)
    assert [call.attempt for call in tasks.calls] == [1, 2, 1, 2]


def test_the_context_counts_retries_and_keeps_when_the_state_was_entered() -> None:
    tasks = Tasks(A=failing("X", "X"))

    run(
        {"A": task(Parameters={"n.$": "$$.State.RetryCount", "t.$": "$$.State.EnteredTime"}, Retry=[retry("X")])},
        {},
        tasks,
    )

    assert [call.arguments["n"] for call in tasks.calls] == [0, 1, 2]
    assert len({call.arguments["t"] for call in tasks.calls}) == 1


def test_a_delay_has_a_longest() -> None:
    tasks = Tasks(A=failing(*["X"] * 5))

    outcome = run({"A": task(Retry=[retry("X", MaxAttempts=5, MaxDelaySeconds=3)])}, {}, tasks)

    assert outcome.seconds == 1 + 2 + 3 + 3 + 3


def test_full_jitter_is_anywhere_between_nothing_and_the_whole_delay() -> None:
    retrier = Retrier(frozenset(), 10, 3, 2, None, True)
    dice = random.Random(7)

    delays = [delay(retrier, 1, dice.random()) for _ in range(1000)]

    assert all(0 <= seconds <= 20 for seconds in delays)
    assert min(delays) < 2
    assert max(delays) > 18


def test_a_delay_that_no_number_can_hold_is_a_year() -> None:
    assert delay(Retrier(frozenset(), 10, 9**9, 9.0, None, False), 9999, 0) == 31_536_000


@pytest.mark.parametrize(
    ("names", "error", "taken"),
    [
        (["States.ALL"], "Anything", True),
        (["States.ALL"], "", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.DataLimitExceeded", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", True),
        (["States.TaskFailed"], "Anything", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.Runtime", False),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["States.BranchFailed"], "Anything", False),
        (["Some"], "Someother", False),
        ([], "Anything", False),
    ],
)
def test_what_a_name_in_error_equals_takes(names: list[str], error: str, taken: bool) -> None:
    assert matches(frozenset(names), error) is taken


def test_a_catcher_gets_the_error_and_goes_where_it_says() -> None:
    states = {
        "A": task(Catch=[catch("Other", to="B"), catch("Boom", ResultPath="$.why")]),
        "B": CAUGHT,
        "Caught": CAUGHT,
    }

    outcome = run(states, {"id": 7}, Tasks(A=failing("Boom")))

    assert outcome.output == {"id": 7, "why": {"Error": "Boom", "Cause": "because"}}


def test_a_catcher_may_assign() -> None:
    caught = {"Type": "Pass", "Parameters": {"e.$": "$failure"}, "End": True}
    states = {"A": task(Catch=[catch("States.ALL", Assign={"failure.$": "$.Error"})]), "Caught": caught}

    assert run(states, {}, Tasks(A=failing("Boom"))).output == {"e": "Boom"}


def test_what_is_caught_was_tried_again_first() -> None:
    tasks = Tasks(A=failing(*["Boom"] * 9))
    states = {"A": task(Retry=[retry("Boom", MaxAttempts=2)], Catch=[catch("States.ALL")]), "Caught": CAUGHT}

    outcome = run(states, {}, tasks)

    assert (outcome.status, tasks.count("A")) == ("SUCCEEDED", 3)


def test_a_catcher_that_fails_itself_fails_the_state() -> None:
    states = {"A": task(Catch=[catch("States.ALL", ResultPath="$.a.b")]), "Caught": CAUGHT}

    outcome = run(states, "no object", Tasks(A=failing("Boom")))

    assert outcome.status == "FAILED"


def test_a_fault_of_the_runtime_is_not_caught_by_all() -> None:
    states = {"A": task(Parameters={"x.$": "$.absent"}, Catch=[catch("States.ALL")]), "Caught": CAUGHT}
    tasks = Tasks()

    outcome = run(states, {}, tasks)

    assert (outcome.status, outcome.error, tasks.calls) == ("FAILED", "States.Runtime", [])


def test_only_the_states_that_may_have_retry_are_tried_again() -> None:
    failing_state = {"Type": "Fail", "Error": "Boom", "Retry": [retry("States.ALL")], "Catch": [catch("States.ALL")]}

    outcome = run({"A": failing_state, "Caught": CAUGHT}, {})

    assert (outcome.status, outcome.error, outcome.seconds) == ("FAILED", "Boom", 0)


def test_a_parallel_is_tried_again_as_a_whole() -> None:
    branches = [{"StartAt": "A", "States": {"A": task()}}, {"StartAt": "B", "States": {"B": task()}}]
    tasks = Tasks(A=failing("Boom", then=1), B=2)

    outcome = run({"P": {"Type": "Parallel", "Branches": branches, "Retry": [retry("Boom")], "End": True}}, {}, tasks)

    assert (outcome.output, tasks.count("A"), tasks.count("B")) == ([1, 2], 2, 2)


@pytest.mark.parametrize("name", ["Boom", "States.ALL", "States.TaskFailed", "States.BranchFailed"])
def test_the_failure_of_a_branch_is_caught_by_its_name(name: str) -> None:
    branches = [{"StartAt": "A", "States": {"A": task()}}]
    states = {"P": {"Type": "Parallel", "Branches": branches, "Catch": [catch(name)], "End": True}, "Caught": CAUGHT}

    outcome = run(states, {}, Tasks(A=failing("Boom")))

    assert outcome.output == {"Error": "Boom", "Cause": "because"}


@pytest.mark.parametrize("broken", [None, 7, {}, [7], [{}], [{"ErrorEquals": "States.ALL"}], [{"ErrorEquals": [1]}]])
def test_what_is_no_retrier_or_catcher_takes_nothing(broken: Any) -> None:
    outcome = run({"A": task(Retry=broken, Catch=broken)}, {}, Tasks(A=failing("Boom")))

    assert (outcome.status, outcome.error) == ("FAILED", "Boom")


def test_the_platforms_fault_has_a_neutral_name_that_documents_may_write_as_a_service_does() -> None:
    lists = ["ServiceError", "Lambda.ServiceException", "Lambda.TooManyRequestsException"]

    assert all(matches(frozenset([name]), "ServiceError") for name in lists)
    assert matches(frozenset(["ServiceError"]), "Lambda.ServiceException")
    assert not matches(frozenset(["Lambda.ServiceException"]), "Lambda.TooManyRequestsException")


def test_a_late_failure_after_a_timeout_is_not_counted_twice() -> None:
    tasks = Tasks(A=lambda call: Late(7, "late") if call.attempt == 1 else Late(3, "second"))
    running = runner({"A": task(TimeoutSeconds=5, Retry=[retry("States.Timeout", IntervalSeconds=1)])}, {}, tasks)

    outcome = running.run()

    assert (outcome.output, tasks.count("A"), outcome.seconds) == ("second", 2, 5 + 1 + 3)
