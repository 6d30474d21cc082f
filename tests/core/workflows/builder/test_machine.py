from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus.workflows.builder.chain import Chain
from isthmus.workflows.builder.conditions import when
from isthmus.workflows.builder.errors import catch, retry
from isthmus.workflows.builder.machine import StateMachine
from isthmus.workflows.lint.problems import problems

OUTSIDE = Path(__file__).parents[5] / "shared" / "corpus"


def test_states_lead_to_one_another_in_the_order_in_which_they_are_added() -> None:
    machine = (
        StateMachine("Ship", comment="c").task("Pack", "functions.ship.pack").wait("Rest", seconds=5).succeed("Done")
    )

    assert machine.document == {
        "Comment": "c",
        "StartAt": "Pack",
        "States": {
            "Pack": {"Type": "Task", "Resource": "functions.ship.pack", "Next": "Rest"},
            "Rest": {"Type": "Wait", "Seconds": 5, "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }


def test_the_last_state_ends_its_machine() -> None:
    assert StateMachine("M").pass_("A", result_path=None).document["States"] == {
        "A": {"Type": "Pass", "ResultPath": None, "End": True}
    }


def test_the_order_workflow_reads_as_it_runs() -> None:
    failed = Chain().fail("OrderFailed", error="OrderProcessingFailed", cause="see the log")
    machine = (
        StateMachine("ProcessOrder")
        .task(
            "ValidateOrder",
            "functions.order_flow.validate_order",
            retry=[retry("ServiceError", interval_seconds=2, max_attempts=3, backoff_rate=2)],
            catch=[catch("ValidationError", then=failed)],
        )
        .task(
            "CheckInventory",
            "functions.order_flow.check_inventory",
            catch=[catch("OutOfStockError", then=Chain().task("Notify", "Notices", next="OrderFailed"))],
        )
        .task("ProcessPayment", "functions.order_flow.pay", catch=[catch("PaymentDeclinedError", then=failed)])
        .parallel(
            "Fulfil",
            Chain().task("SendConfirmationEmail", "functions.order_flow.email"),
            Chain().task("CreateShipment", "functions.order_flow.ship"),
        )
        .succeed("OrderComplete")
    )
    document = machine.document
    states = document["States"]

    assert problems(document) == []
    assert list(states) == [
        *("ValidateOrder", "OrderFailed", "CheckInventory", "Notify", "ProcessPayment", "Fulfil", "OrderComplete")
    ]
    assert states["ValidateOrder"]["Retry"] == [
        {"ErrorEquals": ["ServiceError"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}
    ]
    assert states["ProcessPayment"]["Catch"] == [{"ErrorEquals": ["PaymentDeclinedError"], "Next": "OrderFailed"}]
    assert states["Fulfil"]["Branches"][1]["StartAt"] == "CreateShipment"
    assert states["Fulfil"]["Branches"][1]["States"]["CreateShipment"]["End"] is True


def test_a_choice_goes_on_with_the_next_state_and_so_do_the_chains_that_it_leads_to() -> None:
    machine = (
        StateMachine("M")
        .choice("Large?", (when("$.total") > 100, Chain().task("Approve", "Approve")), (when("$.free") == True, "Ship"))  # noqa: E712
        .task("Pay", "Pay")
        .task("Ship", "Ship")
    )
    states = machine.document["States"]

    assert states["Large?"] == {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Approve"},
            {"Variable": "$.free", "BooleanEquals": True, "Next": "Ship"},
        ],
        "Default": "Pay",
    }
    assert states["Approve"]["Next"] == "Pay"
    assert problems(machine.document) == []


def test_a_choice_may_have_another_default_or_none() -> None:
    end = Chain().succeed("End")
    named = StateMachine("M").choice("C", (when("$.a").is_null(), end), default="End").document
    none = StateMachine("M").choice("C", (when("$.a").is_null(), end), default=None).document

    assert named["States"]["C"]["Default"] == "End"
    assert "Default" not in none["States"]["C"]


def test_a_condition_may_be_an_expression_of_jsonata() -> None:
    machine = StateMachine("M", query_language="JSONata").choice("C", ("{% $states.input.a %}", "D")).succeed("D")

    assert machine.document["States"]["C"]["Choices"] == [{"Condition": "{% $states.input.a %}", "Next": "D"}]
    assert problems(machine.document) == []


def test_a_map_runs_a_chain_for_each_item() -> None:
    each = Chain().pass_("Each")
    machine = StateMachine("M").map("All", each, distributed="EXPRESS", items_path="$.items", max_concurrency=3)

    assert machine.document["States"]["All"] == {
        "Type": "Map",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Each",
            "States": {"Each": {"Type": "Pass", "End": True}},
        },
        "ItemsPath": "$.items",
        "MaxConcurrency": 3,
        "End": True,
    }
    assert problems(machine.document) == []


def test_two_states_of_one_name_are_refused_at_once() -> None:
    with pytest.raises(InvalidValueError, match="there is a state 'A' already"):
        StateMachine("M").pass_("A").pass_("A")


def test_a_machine_without_a_state_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="there is no state yet"):
        _ = StateMachine("M").document


def test_what_becomes_of_a_document_changes_nothing_in_its_machine() -> None:
    machine = StateMachine("M").pass_("A", parameters={"a": [1]})
    machine.document["States"]["A"]["Parameters"]["a"].append(2)

    assert machine.document["States"]["A"]["Parameters"] == {"a": [1]}


def test_a_state_may_be_given_as_the_language_has_it() -> None:
    machine = StateMachine("M").state("A", {"Type": "Pass", "Result": 1}).state("B", {"Type": "Succeed"})

    assert machine.document["States"] == {"A": {"Type": "Pass", "Result": 1, "Next": "B"}, "B": {"Type": "Succeed"}}


def test_another_chain_can_be_put_behind() -> None:
    tail = Chain().pass_("B").pass_("C")
    machine = StateMachine("M").pass_("A").then(tail).succeed("D")

    assert [state.get("Next") for state in machine.document["States"].values()] == ["B", "C", "D", None]


def test_a_chain_may_be_part_of_several_machines() -> None:
    tail = Chain().pass_("B")
    one = StateMachine("One").then(tail).succeed("End")
    other = StateMachine("Other").pass_("A").then(tail).succeed("Elsewhere")

    assert one.document["States"]["B"]["Next"] == "End"
    assert other.document["States"]["B"]["Next"] == "Elsewhere"
    assert tail.written()["B"] == {"Type": "Pass", "End": True}


def test_a_chain_that_comes_to_a_machine_by_two_ways_is_in_it_once() -> None:
    failed = Chain().fail("Failed")
    aside = Chain().task("Aside", "X", catch=[catch(then=failed)])
    machine = StateMachine("M").task("A", "X", catch=[catch(then=failed)]).then(aside)

    assert list(machine.document["States"]) == ["A", "Failed", "Aside"]
    assert problems(machine.document) == []


DOCUMENT: dict[str, Any] = {
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Zzz": 1, "Type": "Succeed"}},
    "Version": "1.0",
    "StartAt": "A",
}


def test_a_document_that_is_read_is_written_the_same() -> None:
    assert json.dumps(StateMachine.from_document(DOCUMENT).document) == json.dumps(DOCUMENT)


def test_states_can_be_added_to_a_document_that_was_read() -> None:
    machine = StateMachine.from_document(DOCUMENT, name="M").task("C", "Work")

    assert list(machine.document["States"]) == ["A", "B", "C"]
    assert list(DOCUMENT["States"]) == ["A", "B"]


@pytest.mark.parametrize("document", [{}, {"StartAt": "A"}, {"StartAt": "A", "States": {"A": 5}}])
def test_what_is_no_definition_cannot_be_read(document: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        StateMachine.from_document(document)


def test_a_document_that_is_nested_too_deeply_is_refused() -> None:
    deep: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    for _ in range(1_000):
        deep = {"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [deep], "End": True}}}

    with pytest.raises(InvalidValueError, match="nested too deeply"):
        StateMachine.from_document(deep)


names = st.text(min_size=1, max_size=5)
states = st.dictionaries(names, st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))


@given(st.dictionaries(names, states, min_size=1), states)
def test_whatever_states_a_document_has_it_is_written_the_same(written: dict[str, Any], more: dict[str, Any]) -> None:
    document = {**more, "StartAt": next(iter(written)), "States": written}

    assert StateMachine.from_document(document).document == document


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_every_definition_of_the_outside_collection_is_written_the_same() -> None:
    rows = (json.loads(line) for line in (OUTSIDE / "asl_cases.jsonl").read_text().splitlines())
    for path in {row["definition_path"] for row in rows}:
        document = json.loads((OUTSIDE / path).read_bytes())

        assert json.dumps(StateMachine.from_document(document).document) == json.dumps(document)
