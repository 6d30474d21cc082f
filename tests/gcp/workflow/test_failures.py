"""Retry and Catch: how often a task is called, what is waited for, and where an error leads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gcp.workflow.played import Failed, Late, Played, Unreachable, error, run

PASS = {"Type": "Pass", "End": True}


def machine(**fields: Any) -> dict[str, Any]:
    return {"Work": {"Type": "Task", "Resource": "shop.work", "End": True, **fields}, "Caught": PASS, "Other": PASS}


def test_a_task_that_fails_once_is_called_twice_and_its_result_leaves() -> None:
    played = Played({"Work": [Failed("Busy"), {"ok": True}]})

    ended = run(machine(Retry=[{"ErrorEquals": ["Busy"]}]), {}, played)

    assert ended.value == {"ok": True}
    assert played.calls("Work") == 2


def test_without_a_retrier_for_its_error_a_task_is_called_once() -> None:
    played = Played({"Work": [Failed("Broken"), {"ok": True}]})

    ended = run(machine(Retry=[{"ErrorEquals": ["Busy"]}]), {}, played)

    assert error(ended) == "Broken"
    assert played.calls("Work") == 1


@pytest.mark.parametrize(("most", "calls"), [(None, 4), (0, 1), (1, 2), (5, 6)])
def test_max_attempts_are_made_beside_the_first(most: int | None, calls: int) -> None:
    played = Played({"Work": [Failed("Busy")]})
    retrier: dict[str, Any] = {"ErrorEquals": ["Busy"]} | ({} if most is None else {"MaxAttempts": most})

    ended = run(machine(Retry=[retrier]), {}, played)

    assert error(ended) == "Busy"
    assert played.calls("Work") == calls


def test_each_retrier_counts_for_itself() -> None:
    retriers = [
        {"ErrorEquals": ["A"], "MaxAttempts": 2},
        {"ErrorEquals": ["B"], "MaxAttempts": 1},
        {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1},
    ]
    answers = [Failed(name) for name in "AABCC"]
    played = Played({"Work": answers})

    ended = run(machine(Retry=retriers, Catch=[{"ErrorEquals": ["C"], "Next": "Caught"}]), {}, played)

    assert ended.value["Error"] == "C"
    assert played.calls("Work") == 5


def test_the_first_retrier_for_an_error_is_its_only_one() -> None:
    retriers = [{"ErrorEquals": ["A"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 9}]
    played = Played({"Work": [Failed("A")]})

    run(machine(Retry=retriers), {}, played)

    assert played.calls("Work") == 2


def test_the_waits_grow_by_the_backoff_up_to_the_longest() -> None:
    retrier = {"ErrorEquals": ["A"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 20}
    played = Played({"Work": [Failed("A")]})

    ended = run(machine(Retry=[retrier]), {}, played)

    assert ended.seconds == pytest.approx(2 + 6 + 18 + 20, abs=1)


def test_full_jitter_waits_at_most_so_long_and_not_always_the_same() -> None:
    retrier = {
        "ErrorEquals": ["A"],
        "IntervalSeconds": 100,
        "BackoffRate": 1,
        "MaxAttempts": 1,
        "JitterStrategy": "FULL",
    }
    waits = [run(machine(Retry=[retrier]), {}, Played({"Work": [Failed("A")]})).seconds for _ in range(5)]

    assert all(0 <= wait <= 101 for wait in waits)
    assert len({round(wait, 1) for wait in waits}) > 1


def test_the_counters_begin_anew_when_a_state_is_entered_again() -> None:
    states = {
        "Work": {
            "Type": "Task",
            "Resource": "shop.work",
            "Retry": [{"ErrorEquals": ["A"], "MaxAttempts": 1}],
            "ResultPath": "$.r",
            "Next": "Again",
        },
        "Again": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.r", "NumericEquals": 2, "Next": "Done"}],
            "Default": "Work",
        },
        "Done": PASS,
    }
    played = Played({"Work": [Failed("A"), 1, Failed("A"), 2]})

    assert run(states, {}, played).value == {"r": 2}
    assert played.calls("Work") == 4


def test_the_retry_count_is_told_to_each_attempt_and_to_the_function() -> None:
    played = Played({"Work": [Failed("A"), Failed("A"), 1]})
    fields: dict[str, Any] = {"Parameters": {"n.$": "$$.State.RetryCount"}, "Retry": [{"ErrorEquals": ["A"]}]}

    run(machine(**fields), {}, played)

    assert played.payloads("Work") == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert [request.headers["Isthmus-Call"] for _, request in played.requests] == ["1", "2", "3"]


def test_a_caught_error_is_put_where_the_catcher_says() -> None:
    catch = [{"ErrorEquals": ["Declined"], "Next": "Caught", "ResultPath": "$.failure"}]

    ended = run(machine(Catch=catch), {"id": 7}, Played({"Work": [Failed("Declined", "no money")]}))

    assert ended.value["id"] == 7
    assert ended.value["failure"]["Error"] == "Declined"
    assert json.loads(ended.value["failure"]["Cause"]) == {"errorMessage": "no money", "errorType": "Declined"}


def test_a_catcher_assigns_what_the_error_says() -> None:
    states = machine(Catch=[{"ErrorEquals": ["A"], "Next": "Told", "Assign": {"why.$": "$.Error"}}])
    states["Told"] = {"Type": "Pass", "Parameters": {"why.$": "$why"}, "End": True}

    assert run(states, {}, Played({"Work": [Failed("A")]})).value == {"why": "A"}


def test_the_first_catcher_for_an_error_takes_it() -> None:
    catch = [
        {"ErrorEquals": ["B"], "Next": "Other"},
        {"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.a"},
    ]

    ended = run(machine(Catch=catch), {"x": 1}, Played({"Work": [Failed("A")]}))

    assert set(ended.value) == {"x", "a"}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (Failed("PaymentDeclinedError"), "PaymentDeclinedError"),
        (Failed("Slow", status=504), "Slow"),
        (Failed(status=429), "ServiceError"),
        (Failed(status=502), "ServiceError"),
        (Failed(status=503), "ServiceError"),
        (Failed(status=500), "ServiceError"),
        (Failed(status=504), "States.Timeout"),
        (Failed(status=403), "States.TaskFailed"),
        (Unreachable(), "ServiceError"),
        (Late(), "States.Timeout"),
    ],
)
def test_what_a_call_comes_to_has_a_name(answer: Any, name: str) -> None:
    assert error(run(machine(), {}, Played({"Work": [answer]}))) == name


@pytest.mark.parametrize(
    "listed",
    [
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "ServiceError",
        "States.TaskFailed",
        "States.ALL",
    ],
)
def test_a_failure_of_the_platform_is_meant_by_all_its_names(listed: str) -> None:
    played = Played({"Work": [Failed(status=503), 1]})

    assert run(machine(Retry=[{"ErrorEquals": [listed]}]), {}, played).value == 1


def test_a_timeout_is_no_task_that_failed_but_one_of_all_errors() -> None:
    only_failed = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Other"}]
    all_errors = [*only_failed, {"ErrorEquals": ["States.ALL"], "Next": "Caught"}]

    assert error(run(machine(Catch=only_failed, TimeoutSeconds=5), {}, Played({"Work": [Late()]}))) == "States.Timeout"
    assert run(machine(Catch=all_errors), {}, Played({"Work": [Late()]})).value["Error"] == "States.Timeout"


def test_a_task_is_waited_for_as_long_as_its_timeout_says() -> None:
    played = Played({"Work": [Late(seconds=4.0, result="in time")]})

    assert run(machine(TimeoutSeconds=5), {}, played).value == "in time"
    assert error(run(machine(TimeoutSeconds=3), {}, played)) == "States.Timeout"
    assert error(run(machine(TimeoutSecondsPath="$.t"), {"t": 3}, played)) == "States.Timeout"
    assert run(machine(TimeoutSecondsPath="$.t"), {"t": 5}, played).value == "in time"


def test_a_fault_of_the_definition_is_caught_by_nobody_but_by_its_name() -> None:
    fields: dict[str, Any] = {"Parameters": {"a.$": "$.missing"}}

    for name in ("States.ALL", "States.TaskFailed"):
        ended = run(machine(**fields, Catch=[{"ErrorEquals": [name], "Next": "Caught"}]))
        assert error(ended) == "States.Runtime"
    caught = run(machine(**fields, Catch=[{"ErrorEquals": ["States.Runtime"], "Next": "Caught"}]))
    assert caught.value["Error"] == "States.Runtime"


def test_an_intrinsic_function_that_fails_is_caught_in_its_own_state() -> None:
    fields: dict[str, Any] = {"Parameters": {"a.$": "States.StringToJson('{')"}}

    ended = run(machine(**fields, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]))

    assert ended.value["Error"] == "States.IntrinsicFailure"


def test_a_result_that_is_too_large_is_no_result() -> None:
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}]
    large = Played({"Work": ["x" * 262_143]})
    wide = Played({"Work": ["é" * 131_072]})
    fits = Played({"Work": ["é" * 120_000]})  # with all its copies, so much fits into Google's 512 KB

    assert run(machine(Catch=catch), {}, large).value["Error"] == "States.DataLimitExceeded"
    assert run(machine(Catch=catch), {}, wide).value["Error"] == "States.DataLimitExceeded"
    assert run(machine(Catch=catch, ResultSelector={"ok": True}), {}, fits).value == {"ok": True}


def test_what_fails_uncaught_is_told_by_name_and_cause() -> None:
    ended = run({"Fail": {"Type": "Fail", "Error": "OrderProcessingFailed", "Cause": "a ${strange} cause"}})

    assert ended.raised == {"Error": "OrderProcessingFailed", "Cause": "a ${strange} cause"}
