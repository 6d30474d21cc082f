from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.definition import State, parse
from isthmus.workflows.jsonata.dataflow import JSONATA
from isthmus.workflows.states_error import StatesError

CONTEXT = {"Execution": {"Name": "e1"}, "Map": {"Item": {"Index": 1, "Value": "b"}}}
QUERY = "States.QueryEvaluationError"


def state(kind: str, **fields: Any) -> State:
    document = {"StartAt": "S", "QueryLanguage": "JSONata", "States": {"S": {"Type": kind, **fields}}}
    return parse(document).root.states["S"]


def scope(value: Any = None, **variables: Any) -> Scope:
    return Scope({"n": 1} if value is None else value, CONTEXT, variables)


def failure(kind: str, **fields: Any) -> str:
    """Return the cause of the failure of a state's output."""
    with pytest.raises(StatesError) as failed:
        JSONATA.output(state(kind, **fields), scope(), None)
    assert failed.value.error == QUERY
    return failed.value.cause


@pytest.mark.parametrize("kind", ["Pass", "Wait", "Succeed", "Choice", "Map"])
def test_a_state_without_arguments_works_on_its_input(kind: str) -> None:
    assert JSONATA.arguments(state(kind), scope()) == {"n": 1}


@pytest.mark.parametrize("kind", ["Task", "Parallel"])
def test_arguments_are_a_template(kind: str) -> None:
    fields = {"Arguments": {"a": "{% $states.input.n + 1 %}", "b": ["{% $v %}", "plain"], "c": None}}

    found = JSONATA.arguments(state(kind, **fields), scope(v={"x": None}))

    assert found == {"a": 2, "b": [{"x": None}, "plain"], "c": None}
    assert JSONATA.arguments(state(kind), scope()) == {"n": 1}


def test_output_and_assign_see_the_same_names() -> None:
    fields = {
        "Output": "{% $states.result.x & $states.context.Execution.Name & $v %}",
        "Assign": {"v": "{% $v & '!' %}", "w": "{% $v %}", "all": "{% $states.input %}"},
    }

    flowed = JSONATA.output(state("Task", **fields), scope(v="old"), {"x": "r"})

    assert flowed.output == "re1old"
    assert flowed.assigned == {"v": "old!", "w": "old", "all": {"n": 1}}


def test_a_state_without_output_gives_its_result() -> None:
    assert JSONATA.output(state("Task"), scope(), {"r": 1}).output == {"r": 1}
    assert JSONATA.output(state("Pass"), scope(), {"n": 1}).output == {"n": 1}


def test_an_output_of_null_is_null() -> None:
    assert JSONATA.output(state("Pass", Output=None), scope(), {"n": 1}).output is None


def test_only_what_has_a_result_of_its_own_sees_one() -> None:
    assert failure("Pass", Output="{% $states.result %}") == (
        "The JSONata expression '$states.result' specified for the field 'Output' returned nothing (undefined)."
    )


def test_a_failure_names_the_expression_and_its_place() -> None:
    place = "The JSONata expression ''x' + 1' specified for the field 'Output/a[0]/b'"

    cause = failure("Pass", Output={"a": [{"b": "{% 'x' + 1 %}"}]})

    assert cause.startswith(f"{place} threw an error during evaluation. T2001")


def test_a_catcher_sees_the_error() -> None:
    catcher = {"Output": {"e": "{% $states.errorOutput.Error %}"}, "Assign": {"c": "{% $states.errorOutput.Cause %}"}}
    error = {"Error": "Broke", "Cause": "it did"}

    flowed = JSONATA.caught(catcher, scope(), error)

    assert (flowed.output, flowed.assigned) == ({"e": "Broke"}, {"c": "it did"})
    assert JSONATA.caught({}, scope(), error).output == error


CHOICE: Mapping[str, Any] = {
    "Choices": [
        {"Condition": "{% $states.input.n > 5 %}", "Next": "Large"},
        {
            "Condition": "{% $states.input.n > 2 %}",
            "Next": "Middle",
            "Output": {"m": "{% $states.input.n %}"},
            "Assign": {"seen": "{% $states.input.n %}"},
        },
    ],
    "Default": "Small",
    "Output": "default",
    "Assign": {"small": True},
}


@pytest.mark.parametrize(
    ("n", "following", "output", "assigned"),
    [(9, "Large", {"n": 9}, {}), (3, "Middle", {"m": 3}, {"seen": 3}), (1, "Small", "default", {"small": True})],
)
def test_a_choice_goes_by_the_first_condition_that_holds(n: int, following: str, output: Any, assigned: Any) -> None:
    chosen = JSONATA.choose(state("Choice", **CHOICE), scope({"n": n}))

    assert chosen.next == following
    assert (chosen.flowed.output, chosen.flowed.assigned) == (output, assigned)


def test_a_choice_without_default_may_match_nothing() -> None:
    with pytest.raises(StatesError, match=r"States\.NoChoiceMatched"):
        JSONATA.choose(state("Choice", Choices=[{"Condition": "{% false %}", "Next": "A"}]), scope())


@pytest.mark.parametrize(
    ("condition", "was"), [("1", "number"), ("'true'", "string"), ("null", "null"), ("[]", "array")]
)
def test_a_condition_that_is_no_boolean_fails(condition: str, was: str) -> None:
    with pytest.raises(StatesError, match=f"Expected 'boolean', but was '{was}'") as failed:
        JSONATA.choose(state("Choice", Choices=[{"Condition": f"{{% {condition} %}}", "Next": "A"}]), scope())

    assert failed.value.error == QUERY


@pytest.mark.parametrize(
    ("name", "expression", "value"),
    [
        ("Seconds", "1 + 1", 2),
        ("Seconds", "0", 0),
        ("TimeoutSeconds", "$v := 5", 5),
        ("MaxConcurrency", "0", 0),
        ("ToleratedFailurePercentage", "12.5", 12.5),
        ("Timestamp", "'2016-03-05T21:29:29.243167252Z'", "2016-03-05T21:29:29.243167252Z"),
        ("Timestamp", "'2016-03-05T21:29:29+02:00'", "2016-03-05T21:29:29+02:00"),
        ("Cause", "'a' & 'b'", "ab"),
    ],
)
def test_a_field_may_be_computed(name: str, expression: str, value: Any) -> None:
    assert JSONATA.field(state("Wait", **{name: f"{{% {expression} %}}"}), name, scope()) == value


def test_a_field_that_is_none_is_itself() -> None:
    assert JSONATA.field(state("Wait", Seconds=7), "Seconds", scope()) == 7
    assert JSONATA.field(state("Wait"), "Seconds", scope()) is None


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("Seconds", "-1"),
        ("Seconds", "1.5"),
        ("Seconds", "'1'"),
        ("Seconds", "true"),
        ("Seconds", "100000000"),
        ("Seconds", "$nothing"),
        ("TimeoutSeconds", "0"),
        ("HeartbeatSeconds", "null"),
        ("MaxConcurrency", "-1"),
        ("ToleratedFailurePercentage", "101"),
        ("ToleratedFailureCount", "0.5"),
        ("Timestamp", "'tomorrow'"),
        ("Timestamp", "'2016-03-05 21:29:29Z'"),
        ("Timestamp", "'2016-13-05T21:29:29Z'"),
        ("Timestamp", "7"),
        ("Error", "7"),
        ("Cause", "{}"),
    ],
)
def test_a_computed_field_of_a_wrong_value_fails_as_a_query(name: str, expression: str) -> None:
    with pytest.raises(StatesError) as failed:
        JSONATA.field(state("Wait", **{name: f"{{% {expression} %}}"}), name, scope())

    assert failed.value.error == QUERY
    assert name in failed.value.cause


def test_items_may_be_a_list_with_expressions_or_come_from_one() -> None:
    assert JSONATA.items(state("Map", Items=[1, "{% $states.input.n + 1 %}"]), scope()) == [1, 2]
    assert JSONATA.items(state("Map", Items="{% $v %}"), scope(v=[1])) == [1]
    assert JSONATA.items(state("Map", Items="{% $v %}"), scope(v=[])) == []
    assert JSONATA.items(state("Map"), scope([1, 2])) == [1, 2]


def test_only_a_distributed_map_takes_an_object() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "P", "States": {"P": {"Type": "Pass"}}}

    assert JSONATA.items(state("Map", Items="{% {'a': 1} %}", ItemProcessor=processor), scope()) == {"a": 1}
    with pytest.raises(StatesError, match=r"Expected 'array', but was 'object' for value: {\"a\":1}"):
        JSONATA.items(state("Map", Items="{% {'a': 1} %}"), scope())


def test_an_item_is_what_its_selector_makes_of_it() -> None:
    selector = {"v": "{% $states.context.Map.Item.Value %}", "n": "{% $states.input.n %}"}

    assert JSONATA.item(state("Map", ItemSelector=selector), scope()) == {"v": "b", "n": 1}
    assert JSONATA.item(state("Map"), scope()) == "b"


def test_a_template_without_end_fails_and_does_not_blow_the_stack() -> None:
    deep: Any = "{% 1 %}"
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(StatesError, match="nested too deeply"):
        JSONATA.output(state("Pass", Output=deep), scope(), None)


def test_a_template_of_a_thousand_levels_is_filled() -> None:
    deep: Any = "{% 1 %}"
    for _ in range(1000):
        deep = {"a": deep}

    found = JSONATA.output(state("Pass", Output=deep), scope(), None).output

    for _ in range(1000):
        found = found["a"]
    assert found == 1


def test_a_name_of_a_megabyte_is_a_name() -> None:
    name = "n" * 1_000_000

    assert JSONATA.output(state("Pass", Output={name: "{% $states.input.n %}"}), scope(), None).output == {name: 1}
