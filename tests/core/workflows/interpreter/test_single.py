"""One state by itself: what it comes to, where it would go, and what is done about its failure."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError
from isthmus.workflows.interpreter.single import Mock, try_state

TASK = {"Type": "Task", "Resource": "work", "ResultPath": "$.r", "Next": "N"}
MAP = {
    "Type": "Map",
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED"},
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
    },
    "ToleratedFailureCount": 1,
    "End": True,
}


def test_a_state_alone_says_what_leaves_and_what_follows() -> None:
    tried = try_state({"Type": "Pass", "Parameters": {"y.$": "$.x"}, "Assign": {"v": 1}, "Next": "N"}, {"x": 1})

    assert (tried.status, tried.output, tried.next, tried.assigned) == ("SUCCEEDED", {"y": 1}, "N", {"v": 1})


def test_a_task_comes_to_its_mock() -> None:
    assert try_state(TASK, {"a": 1}, mock=Mock(result=2)).output == {"a": 1, "r": 2}


def test_a_state_is_found_by_its_name_in_any_machine() -> None:
    inner = {"StartAt": "Deep", "States": {"Deep": {"Type": "Pass", "Result": 7, "End": True}}}
    document = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [inner], "End": True}}}

    assert try_state(document, {}, state="Deep").output == 7
    with pytest.raises(InvalidValueError, match="no state 'Absent'"):
        try_state(document, {}, state="Absent")


def test_context_and_variables_are_those_that_are_given() -> None:
    state = {"Type": "Pass", "Parameters": {"v.$": "$v", "c.$": "$$.any"}, "End": True}

    assert try_state(state, {}, context={"any": 1}, variables={"v": 2}).output == {"v": 2, "c": 1}


@pytest.mark.parametrize(
    ("made", "status", "details"),
    [
        (0, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 2}),
        (1, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}),
        (2, "CAUGHT_ERROR", {"catchIndex": 0}),
    ],
)
def test_a_failure_is_tried_again_or_caught(made: int, status: str, details: dict[str, Any]) -> None:
    retry = {"ErrorEquals": ["Boom"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}
    state = {**TASK, "Retry": [retry], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C", "ResultPath": "$.e"}]}

    tried = try_state(state, {"a": 1}, mock=Mock(error="Boom", cause="why", retries=made))

    assert (tried.status, tried.error, dict(tried.details)) == (status, "Boom", details)
    if status == "CAUGHT_ERROR":
        assert (tried.next, tried.output) == ("C", {"a": 1, "e": {"Error": "Boom", "Cause": "why"}})


@pytest.mark.parametrize(("failures", "status"), [(1, "SUCCEEDED"), (2, "FAILED")])
def test_a_map_tolerates_what_it_says(failures: int, status: str) -> None:
    assert try_state(MAP, [1, 2, 3], mock=Mock(result=[1], failures=failures)).status == status


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"Type": "Fail", "Error": "E"}, "E"),
        ({"Type": "Unheard"}, "States.Runtime"),
        ({"Type": "Wait", "Timestamp": "soon"}, "States.Runtime"),
        ({**MAP, "ItemsPath": "$.absent"}, "States.Runtime"),
        ({"Type": "Pass", "InputPath": "$.absent", "End": True}, "States.Runtime"),
    ],
)
def test_what_fails_is_told_by_its_error(state: dict[str, Any], error: str) -> None:
    tried = try_state(state, {})

    assert (tried.status, tried.error) == ("FAILED", error)


def test_a_map_whose_items_are_no_list_fails() -> None:
    assert try_state({**MAP, "ItemsPath": "$$.State"}, []).error == "States.Runtime"
