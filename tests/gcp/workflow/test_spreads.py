"""Parallel and Map: what runs at once, what fails, and what its siblings do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp.workflow.played import Failed, Late, Played, error, run

PASS = {"Type": "Pass", "End": True}
FAIL = {"Type": "Fail", "Error": "Boom", "Cause": "because"}


def one(name: str, state: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}}


def task(name: str, **fields: Any) -> dict[str, Any]:
    return one(name, {"Type": "Task", "Resource": "shop.work", "End": True, **fields})


def parallel(*branches: Any, **fields: Any) -> dict[str, Any]:
    return {"P": {"Type": "Parallel", "Branches": list(branches), "End": True, **fields}, "Caught": PASS}


def each(processor: Any, **fields: Any) -> dict[str, Any]:
    return {"M": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}, "Caught": PASS}


def distributed(processor: Any) -> dict[str, Any]:
    return {**processor, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}


@pytest.mark.parametrize("many", [1, 2, 10, 11, 25])
def test_the_outputs_of_branches_come_in_their_order(many: int) -> None:
    branches = [one("B", {"Type": "Pass", "Result": number, "End": True}) for number in range(many)]

    assert run(parallel(*branches)).value == list(range(many))


@pytest.mark.parametrize(
    ("following", "output"), [(parallel(one("B", PASS), one("C", PASS)), [[1], [1]]), (each(one("B", PASS)), [1])]
)
def test_a_single_branch_may_stand_before_what_runs_at_once(following: Any, output: Any) -> None:
    """What it comes to is no variable of theirs: none from outside may be assigned in a branch that is not shared."""
    before = {"Type": "Parallel", "Branches": [one("A", PASS)], "ResultPath": None, "Next": next(iter(following))}

    assert run({"Before": before, **following}, [1]).value == output


def test_branches_run_at_once() -> None:
    played = Played({"A": [Late("a", 10)], "B": [Late("b", 10)], "C": [Late("c", 10)]})

    ended = run(parallel(task("A"), task("B"), task("C")), {}, played)

    assert ended.value == ["a", "b", "c"]
    assert ended.seconds < 15


def test_an_error_in_a_branch_is_caught_by_the_state_around_it() -> None:
    ended = run(
        parallel(
            one("F", FAIL), one("X", PASS), Catch=[{"ErrorEquals": ["Boom"], "Next": "Caught", "ResultPath": "$.e"}]
        ),
        {"q": 1},
    )

    assert ended.value == {"q": 1, "e": {"Error": "Boom", "Cause": "because"}}


def test_the_siblings_of_a_failed_branch_finish_first() -> None:
    played = Played({"Slow": [Late("done", 30)]})

    ended = run(parallel(one("F", FAIL), task("Slow")), {}, played)

    assert error(ended) == "Boom"
    assert played.calls("Slow") == 1
    assert ended.seconds >= 30


def test_a_retried_parallel_runs_all_of_its_branches_again() -> None:
    played = Played({"A": ["a"], "B": [Failed("Busy"), "b"]})

    ended = run(parallel(task("A"), task("B"), Retry=[{"ErrorEquals": ["Busy"]}]), {}, played)

    assert ended.value == ["a", "b"]
    assert (played.calls("A"), played.calls("B")) == (2, 2)


def test_branch_failed_means_any_error_of_a_branch() -> None:
    ended = run(
        parallel(one("F", FAIL), one("X", PASS), Catch=[{"ErrorEquals": ["States.BranchFailed"], "Next": "Caught"}])
    )

    assert ended.value["Error"] == "Boom"


def test_what_a_branch_assigns_stays_in_it() -> None:
    inner = {
        "StartAt": "B",
        "States": {
            "B": {"Type": "Pass", "Assign": {"x": 2}, "Next": "C"},
            "C": {"Type": "Pass", "Parameters": {"x.$": "$x"}, "End": True},
        },
    }
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "P"},
        "P": {"Type": "Parallel", "Branches": [inner], "Next": "Z"},
        "Z": {"Type": "Pass", "Parameters": {"outer.$": "$x", "inner.$": "$"}, "End": True},
    }

    assert run(states).value == {"outer": 1, "inner": [{"x": 2}]}


@pytest.mark.parametrize("concurrency", [None, 0, 1, 5, 40])
def test_the_outputs_of_iterations_come_in_their_order(concurrency: int | None) -> None:
    selector = {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "x.$": "$.x"}
    fields: dict[str, Any] = {} if concurrency is None else {"MaxConcurrency": concurrency}
    states = each(one("X", PASS), ItemsPath="$.items", ItemSelector=selector, **fields)

    ended = run(states, {"items": [10, 11, 12, 13], "x": 1})

    assert ended.value == [{"v": 10 + number, "i": number, "x": 1} for number in range(4)]


@pytest.mark.parametrize(("concurrency", "seconds"), [(0, 10), (5, 20), (1, 100)])
def test_so_many_iterations_run_at_once(concurrency: int, seconds: float) -> None:
    played = Played({"T": [Late(1, 10)]})

    ended = run(each(task("T"), MaxConcurrency=concurrency), list(range(10)), played)

    assert ended.seconds == pytest.approx(seconds, abs=3)


@pytest.mark.parametrize("concurrency", [0, 1])
def test_over_no_items_nothing_is_iterated(concurrency: int) -> None:
    assert run(each(one("X", FAIL), MaxConcurrency=concurrency), []).value == []


def test_what_is_no_list_cannot_be_iterated_over() -> None:
    assert error(run(each(one("X", PASS)), {"a": 1})) == "States.Runtime"


def test_no_iteration_begins_after_one_has_failed() -> None:
    played = Played({"T": [1, Failed("Boom"), 2]})

    ended = run(each(task("T"), MaxConcurrency=1), [1, 2, 3, 4], played)

    assert error(ended) == "Boom"
    assert played.calls("T") == 2


def test_iterations_that_run_beside_a_failed_one_finish_and_no_more_begin() -> None:
    played = Played({"T": [Late(1, 10), Failed("Boom"), Late(1, 10), 4, 5, 6]})

    ended = run(each(task("T"), MaxConcurrency=3), list(range(6)), played)

    assert error(ended) == "Boom"
    assert played.calls("T") == 3


def test_an_iteration_retries_its_own_task() -> None:
    played = Played({"T": [Failed("Busy"), 5]})

    ended = run(each(task("T", Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 1}])), [1], played)

    assert ended.value == [5]


def test_a_retried_map_begins_with_its_first_item() -> None:
    played = Played({"T": [1, Failed("Busy"), 7, 8]})

    ended = run(each(task("T"), MaxConcurrency=1, Retry=[{"ErrorEquals": ["Busy"]}]), [1, 2], played)

    assert ended.value == [7, 8]
    assert played.calls("T") == 4


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"ToleratedFailureCount": 1}, [1, None, 3]),
        ({"ToleratedFailurePercentage": 34}, [1, None, 3]),
        ({"ToleratedFailurePercentage": 33}, None),
        ({"ToleratedFailureCount": 0}, None),
        ({}, None),
    ],
)
def test_a_distributed_map_tolerates_so_many_failures(fields: dict[str, Any], value: Any) -> None:
    played = Played({"T": [1, Failed("Boom"), 3]})

    ended = run(each(distributed(task("T")), MaxConcurrency=1, **fields), [1, 2, 3], played)

    if value is None:
        assert error(ended) == "States.ExceedToleratedFailureThreshold"
    else:
        assert ended.value == value


def test_iterations_of_a_distributed_map_see_no_variables() -> None:
    processor = distributed(one("X", {"Type": "Pass", "Parameters": {"x.$": "$x"}, "End": True}))
    states = {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}, **each(processor)}

    assert error(run(states, [1])) == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize("deep", [2, 3, 9])
def test_maps_are_nested_deeper_than_parallel_steps(deep: int) -> None:
    inner: Any = one("X", PASS)
    for _ in range(deep):
        inner = one("M", {"Type": "Map", "ItemProcessor": inner, "End": True})
    given: Any = 1
    for _ in range(deep):
        given = [given]

    assert run(inner["States"], given).value == given


def test_parallels_are_nested_deeper_than_parallel_steps() -> None:
    inner: Any = one("X", {"Type": "Pass", "Result": 1, "End": True})
    for _ in range(4):
        inner = one("P", {"Type": "Parallel", "Branches": [inner, inner], "End": True})

    assert run(inner["States"]).value == [[[[1, 1], [1, 1]], [[1, 1], [1, 1]]]] * 2


def test_an_inner_map_sees_its_own_item() -> None:
    inner = one(
        "Inner",
        {
            "Type": "Map",
            "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"},
            "ItemProcessor": one("X", PASS),
            "End": True,
        },
    )

    assert run(each(inner), [["a"], ["b", "c"]]).value == [
        [{"i": 0, "v": "a"}],
        [{"i": 0, "v": "b"}, {"i": 1, "v": "c"}],
    ]
