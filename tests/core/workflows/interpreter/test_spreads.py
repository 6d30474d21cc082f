"""Parallel and Map: order of outputs, how many run at once, failing fast, tolerance, and flat frames."""

from __future__ import annotations

from typing import Any, cast

import pytest

from isthmus.workflows.frames import Call, Cancel, Effect, Ended
from isthmus.workflows.interpreter.runner import Late, Runner
from isthmus.workflows.states_error import StatesError
from tests.core.workflows.interpreter.worlds import KeptLedger, Tasks, failing, inner, run, runner, task, types


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), **({} if "Next" in fields else {"End": True}), **fields}


def mapping(processor: dict[str, Any], *, mode: str = "INLINE", **fields: Any) -> dict[str, Any]:
    machine = {**processor, "ProcessorConfig": {"Mode": mode}}
    return {"Type": "Map", "ItemProcessor": machine, **({} if "Next" in fields else {"End": True}), **fields}


class Gauge:
    """A task that takes as long as it is told, and measures how many run at once."""

    def __init__(self, seconds: float = 1) -> None:
        self.seconds = seconds
        self.ends: list[float] = []
        self.most = 0
        self.running: Runner | None = None

    def __call__(self, call: Call) -> Any:
        now = self.running.now if self.running else 0.0
        self.ends = [end for end in self.ends if end > now] + [now + self.seconds]
        self.most = max(self.most, len(self.ends))
        return Late(self.seconds, call.arguments)


def test_branches_get_the_same_input_and_their_outputs_come_in_their_order() -> None:
    tasks = Tasks(A=lambda call: Late(5, ["a", call.arguments]), B=lambda call: Late(1, ["b", call.arguments]))

    outcome = run({"P": parallel(inner(A=task()), inner(B=task()))}, 7, tasks)

    assert (outcome.output, outcome.seconds) == ([["a", 7], ["b", 7]], 5)


def test_a_branch_that_fails_ends_the_others_at_once() -> None:
    cancelled: list[Effect] = []

    class Watching(Runner):
        def _cancelled(self, effect: Cancel) -> None:
            cancelled.append(effect)

    tasks = Tasks(A=lambda call: Late(50, 1), B=lambda call: Late(60, 1))
    boom = inner(W={"Type": "Wait", "Seconds": 2, "Next": "F"}, F={"Type": "Fail", "Error": "Boom"})
    made = runner({"P": parallel(inner(A=task()), boom, inner(B=task()))}, 7, tasks)
    made.__class__ = Watching

    outcome = made.run()

    assert (outcome.status, outcome.error, outcome.seconds) == ("FAILED", "Boom", 2)
    tokens = {call.state: call.token for call in tasks.calls}
    assert [cast("Cancel", effect).token for effect in cancelled] == [tokens["A"], tokens["B"]]


def test_a_task_is_not_even_called_where_a_sibling_fails_in_the_same_turn() -> None:
    tasks = Tasks()

    outcome = run({"P": parallel(inner(A=task()), inner(F={"Type": "Fail", "Error": "Boom"}))}, 7, tasks)

    assert (outcome.error, tasks.calls) == ("Boom", [])


def test_nor_where_the_failure_of_the_sibling_is_caught() -> None:
    tasks = Tasks()
    branches = [inner(A=task()), inner(F={"Type": "Fail", "Error": "Boom"}), inner(B=task())]
    catch = [{"ErrorEquals": ["Boom"], "Next": "C"}]

    outcome = run({"P": parallel(*branches, Catch=catch), "C": {"Type": "Wait", "Seconds": 9, "End": True}}, 7, tasks)

    assert (outcome.status, tasks.calls) == ("SUCCEEDED", [])


def test_the_tasks_of_a_caught_parallel_are_cancelled() -> None:
    branches = [inner(A=task()), inner(B=task())]
    catch = [{"ErrorEquals": ["Boom"], "Next": "C"}]
    made = runner({"P": parallel(*branches, Catch=catch), "C": {"Type": "Wait", "Seconds": 9, "End": True}}, 7)
    calls = [effect for effect in made.interpreter.begin(made.ledger) if isinstance(effect, Call)]

    effects = made.interpreter.fail(made.ledger, calls[0].frame, "Boom", "")

    assert [effect for effect in effects if isinstance(effect, Cancel)] == [Cancel(calls[1].frame, calls[1].token)]
    assert made.interpreter.succeed(made.ledger, calls[1].frame, 1, token=calls[1].token) == []


def test_what_ran_in_a_parallel_that_is_tried_again_counts_no_more() -> None:
    tasks = Tasks(A=failing("Boom", then=1), B=lambda call: Late(5, 2))
    retry = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 1}]

    outcome = run({"P": parallel(inner(A=task()), inner(B=task()), Retry=retry)}, {}, tasks)

    assert (outcome.output, outcome.seconds, tasks.count("B")) == ([1, 2], 1 + 5, 2)


def test_a_map_that_is_entered_again_begins_with_nothing() -> None:
    made = mapping(inner(I=task()), ItemsPath="$.items", ResultPath="$.out", Next="C")
    choice = {"Variable": "$.out[1]", "IsPresent": True, "Next": "L"}
    states = {
        "M": made,
        "C": {"Type": "Choice", "Choices": [choice], "Default": "E"},
        "L": {"Type": "Pass", "Parameters": {"items": [7]}, "Next": "M"},
        "E": {"Type": "Pass", "OutputPath": "$.out", "End": True},
    }

    assert run(states, {"items": [1, 2, 3]}).output == [7]


def test_what_a_caught_parallel_leaves_behind_is_forgotten() -> None:
    caught = {"Type": "Wait", "Seconds": 100, "End": True}
    branches = [inner(A=task()), inner(W={"Type": "Wait", "Seconds": 5, "End": True})]
    catch = [{"ErrorEquals": ["Boom"], "Next": "Later"}]
    made = runner({"P": parallel(*branches, Catch=catch), "Later": caught}, {}, Tasks(A=failing("Boom")))

    outcome = made.run()

    assert (outcome.status, outcome.seconds) == ("SUCCEEDED", 100)
    assert made.ledger.below(0) == []


def test_variables_of_a_branch_do_not_leak_and_outer_ones_are_seen() -> None:
    assign = {"Type": "Pass", "Assign": {"x.$": "$outer", "outer": "changed"}, "Next": "R"}
    read = {"Type": "Pass", "Parameters": {"x.$": "$x", "outer.$": "$outer"}, "End": True}
    after = {"Type": "Pass", "Parameters": {"outer.$": "$outer"}, "ResultPath": "$.after", "End": True}
    states = {
        "S": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "P"},
        "P": parallel(inner(W=assign, R=read), ResultSelector={"r.$": "$[0]"}, Next="Z"),
        "Z": after,
    }

    assert run(states, {}).output == {"r": {"x": 1, "outer": "changed"}, "after": {"outer": 1}}


def test_a_branch_cannot_read_what_another_one_assigns() -> None:
    assign = inner(W={"Type": "Pass", "Assign": {"mine": 1}, "End": True})
    read = inner(R={"Type": "Pass", "Parameters": {"x.$": "$mine"}, "End": True})

    assert run({"P": parallel(assign, read)}, {}).status == "FAILED"


def test_a_map_gives_each_item_to_an_iteration() -> None:
    seen = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "c.$": "$.c"}
    made = mapping(inner(I=task()), ItemsPath="$.items", ItemSelector=seen, ResultPath="$.out")

    outcome = run({"M": made}, {"items": ["a", "b"], "c": 3})

    assert outcome.output["out"] == [{"i": 0, "v": "a", "c": 3}, {"i": 1, "v": "b", "c": 3}]


def test_an_item_is_seen_within_a_parallel_of_its_iteration() -> None:
    nested = parallel(inner(X={"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item.Value"}, "End": True}))

    assert run({"M": mapping(inner(P=nested))}, [1, 2]).output == [[{"v": 1}], [{"v": 2}]]


def test_a_map_over_nothing_is_an_empty_list() -> None:
    assert run({"M": mapping(inner(I=task()))}, []).output == []


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (3, 3), (0, 40), (None, 40), (1000, 40)])
def test_no_more_iterations_run_at_once_than_may(limit: int | None, most: int) -> None:
    gauge = Gauge()
    fields: dict[str, Any] = {} if limit is None else {"MaxConcurrency": limit}
    gauge.running = runner({"M": mapping(inner(I=task()), **fields)}, list(range(100)), gauge)

    outcome = gauge.running.run()

    assert outcome.output == list(range(100))
    assert gauge.most == most
    assert outcome.seconds == -(-100 // most)


def test_ten_thousand_items_keep_as_many_frames_as_run_and_do_little_for_each() -> None:
    gauge = Gauge()
    gauge.running = runner(
        {"M": mapping(inner(I=task()), MaxConcurrency=100, mode="DISTRIBUTED")}, list(range(10_000)), gauge
    )

    outcome = gauge.running.run()

    assert outcome.output == list(range(10_000))
    assert gauge.most == 100
    ledger = cast("KeptLedger", gauge.running.ledger)
    assert ledger.most <= 101
    assert ledger.written < 10_000 * 1500


def test_a_map_of_states_that_never_wait_keeps_few_frames_too() -> None:
    made = runner({"M": mapping(inner(I={"Type": "Pass", "End": True}), MaxConcurrency=100)}, list(range(3_000)))

    outcome = made.run()

    assert outcome.output == list(range(3_000))
    assert cast("KeptLedger", made.ledger).most <= 101


def test_no_more_iterations_begin_in_one_turn_than_have_their_turn() -> None:
    processor = inner(I={"Type": "Pass", "Next": "J"}, J={"Type": "Pass", "End": True})
    made = runner({"M": mapping(processor, mode="DISTRIBUTED")}, list(range(1_000)))

    effects = made.interpreter.begin(made.ledger)

    assert len(effects) <= 3
    assert len(made.ledger.below(0)) <= 3
    assert made.follow(effects).output == list(range(1_000))


def test_no_iteration_begins_after_one_has_failed() -> None:
    def work(call: Call) -> Any:
        if call.arguments == 2:
            raise StatesError("Boom")
        return Late(1, call.arguments)

    tasks = Tasks(I=work)

    outcome = run({"M": mapping(inner(I=task()), MaxConcurrency=2)}, list(range(10)), tasks)

    assert (outcome.status, outcome.error) == ("FAILED", "Boom")
    assert [call.arguments for call in tasks.calls] == [0, 1, 2, 3][: len(tasks.calls)]
    assert len(tasks.calls) <= 4


def fails(*items: int) -> Tasks:
    def work(call: Call) -> Any:
        if call.arguments in items:
            raise StatesError("Boom")
        return call.arguments

    return Tasks(I=work)


@pytest.mark.parametrize(
    ("fields", "failed", "status"),
    [
        ({}, [1], "FAILED"),
        ({"ToleratedFailureCount": 1}, [1], "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, [1, 3], "FAILED"),
        ({"ToleratedFailurePercentage": 50}, [1, 3, 5, 7, 9], "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, [1, 3, 5, 7, 9], "FAILED"),
        ({"ToleratedFailureCount": 9, "ToleratedFailurePercentage": 10}, [1, 2], "FAILED"),
        ({"ToleratedFailureCountPath": "$$.Execution.Name"}, [], "FAILED"),
    ],
)
def test_a_distributed_map_tolerates_as_many_failures_as_it_says(
    fields: dict[str, Any], failed: list[int], status: str
) -> None:
    outcome = run({"M": mapping(inner(I=task()), mode="DISTRIBUTED", **fields)}, list(range(10)), fails(*failed))

    assert outcome.status == status
    if status == "SUCCEEDED":
        assert outcome.output == [None if item in failed else item for item in range(10)]
    elif failed:
        assert outcome.error == "States.ExceedToleratedFailureThreshold"


def test_an_inline_map_tolerates_nothing() -> None:
    outcome = run({"M": mapping(inner(I=task()), ToleratedFailureCount=5)}, [0, 1], fails(1))

    assert (outcome.status, outcome.error) == ("FAILED", "Boom")


@pytest.mark.parametrize(
    ("items", "error"),
    [({}, "States.Runtime"), ("text", "States.Runtime"), (7, "States.Runtime"), (None, "States.Runtime")],
)
def test_a_map_over_no_list_fails(items: Any, error: str) -> None:
    outcome = run({"M": mapping(inner(I=task()), ItemsPath="$.items")}, {"items": items})

    assert (outcome.status, outcome.error) == ("FAILED", error)


@pytest.mark.parametrize("limit", [-1, 1.5, "many", True, {}])
def test_a_concurrency_that_is_no_count_fails(limit: Any) -> None:
    outcome = run({"M": mapping(inner(I=task()), ItemsPath="$.i", MaxConcurrencyPath="$.n")}, {"i": [1], "n": limit})

    assert (outcome.status, outcome.error) == ("FAILED", "States.Runtime")


def test_items_come_in_batches_where_they_are_asked_for() -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"k.$": "$.k"}}
    made = mapping(inner(I=task()), mode="DISTRIBUTED", ItemsPath="$.i", ItemBatcher=batcher)

    outcome = run({"M": made}, {"i": [1, 2, 3], "k": "v"})

    assert outcome.output == [{"BatchInput": {"k": "v"}, "Items": [1, 2]}, {"BatchInput": {"k": "v"}, "Items": [3]}]


def test_batches_are_no_larger_than_they_may_be() -> None:
    batcher = {"MaxInputBytesPerBatch": 60}
    outcome = run({"M": mapping(inner(I=task()), mode="DISTRIBUTED", ItemBatcher=batcher)}, ["x" * 20] * 5)

    assert [len(batch["Items"]) for batch in outcome.output] == [2, 2, 1]


def test_a_reader_is_called_as_a_task_would_be() -> None:
    reader = {
        "Resource": "read",
        "Parameters": {"Key.$": "$.key"},
        "ReaderConfig": {"InputType": "JSON", "MaxItems": 2},
    }
    tasks = Tasks(M={"Body": "[1, 2, 3]"})

    outcome = run({"M": mapping(inner(I=task()), mode="DISTRIBUTED", ItemReader=reader)}, {"key": "k"}, tasks)

    assert outcome.output == [1, 2]
    assert (tasks.calls[0].resource, tasks.calls[0].arguments) == ("read", {"Key": "k"})


@pytest.mark.parametrize("answer", [{"Body": "no JSON"}, {"Body": "{}"}, {}, None, "text"])
def test_what_a_reader_cannot_read_has_its_own_error(answer: Any) -> None:
    outcome = run({"M": mapping(inner(I=task()), ItemReader={"Resource": "read"})}, {}, Tasks(M=answer))

    assert outcome.error == "States.ItemReaderFailed"


def test_a_result_writer_is_refused_by_its_own_error() -> None:
    outcome = run({"M": mapping(inner(I=task()), ResultWriter={"Resource": "write"})}, [1])

    assert outcome.error == "States.ResultWriterFailed"


def test_an_iteration_of_a_distributed_map_does_not_see_outer_variables() -> None:
    read = inner(R={"Type": "Pass", "Parameters": {"x.$": "$outer"}, "End": True})
    start = {"Type": "Pass", "Assign": {"outer": 1}, "Next": "M"}

    assert run({"S": start, "M": mapping(read)}, [1]).output == [{"x": 1}]
    assert run({"S": start, "M": mapping(read, mode="DISTRIBUTED")}, [1]).status == "FAILED"


def test_maps_within_maps_come_to_lists_of_lists() -> None:
    outcome = run({"M": mapping(inner(N=mapping(inner(I=task()))))}, [[1, 2], [], [3]])

    assert outcome.output == [[1, 2], [], [3]]


def test_the_history_tells_of_iterations() -> None:
    outcome = run({"M": mapping(inner(I={"Type": "Pass", "End": True}))}, [1])

    assert types(outcome) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "PassStateEntered",
        "PassStateExited",
        "MapIterationSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


def test_parallels_a_hundred_deep_end() -> None:
    machine = inner(I=task())
    for _ in range(100):
        machine = inner(P=parallel(machine))

    made = runner(machine["States"], 1)
    outcome = made.run()

    assert outcome.status == "SUCCEEDED"
    assert not any(isinstance(effect, Ended) for effect in made.interpreter.begin(made.ledger))
