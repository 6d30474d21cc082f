"""How data flows through states: what they work on, what leaves them, what they assign."""

from __future__ import annotations

import contextlib
import copy
import json
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.dataflow import Flowed
from isthmus.workflows.definition import State
from isthmus.workflows.json_path import plans
from isthmus.workflows.json_path.dataflow import JSON_PATH, JsonPath
from isthmus.workflows.json_path.expressions import Expression
from isthmus.workflows.json_path.templates import template
from isthmus.workflows.states_error import RESULT_PATH, RUNTIME, StatesError
from tests.core.workflows.json_path.states import passed, scope, state

INPUT: Any = {"a": 1, "in": {"b": [1, 2, 3]}, "path": "$.a"}


def failure(state: State, input: Any = INPUT, result: Any = None) -> StatesError:
    with pytest.raises(StatesError) as failed:
        JSON_PATH.output(state, scope(input), JSON_PATH.arguments(state, scope(input)) if result is None else result)
    return failed.value


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({}, INPUT),
        ({"InputPath": "$"}, INPUT),
        ({"InputPath": "$.in"}, INPUT["in"]),
        ({"InputPath": "$.in.b[0,2]"}, [1, 3]),
        ({"InputPath": None}, {}),
        ({"InputPath": "$$.Execution.Input"}, {"x": 0}),
        ({"InputPath": "$v"}, 42),
        ({"OutputPath": "$.in.b"}, [1, 2, 3]),
        ({"OutputPath": None}, {}),
        ({"OutputPath": "$$.Execution"}, {"Input": {"x": 0}}),
        ({"OutputPath": "$v"}, 42),
        ({"Result": {"x.$": "$.a"}}, {"x.$": "$.a"}),
        ({"Result": None}, None),
        ({"Result": 7, "ResultPath": "$.r"}, {**INPUT, "r": 7}),
        ({"Result": 7, "InputPath": "$.nosuch"}, 7),
        ({"Result": 7, "Parameters": {"x": 1}}, 7),
        ({"ResultPath": None, "Result": 7}, INPUT),
        ({"ResultPath": None, "InputPath": None}, INPUT),
        ({"ResultPath": "$.in.b[1]", "Result": 7}, {**INPUT, "in": {"b": [1, 7, 3]}}),
        ({"ResultPath": "$.x.y", "InputPath": "$.a"}, {**INPUT, "x": {"y": 1}}),
        ({"Parameters": {"k": 1}}, {"k": 1}),
        ({"Parameters": {"k.$": "$.b[1]", "c.$": "$$.Execution.Input.x"}, "InputPath": "$.in"}, {"k": 2, "c": 0}),
        ({"Parameters": {"k.$": "$"}, "InputPath": None}, {"k": {}}),
        ({"Parameters": {}, "ResultPath": "$.a", "OutputPath": "$.a"}, {}),
    ],
)
def test_the_fields_of_a_pass_make_its_output(fields: dict[str, Any], output: Any) -> None:
    before = copy.deepcopy(INPUT)

    flowed = passed(state(**fields), scope(INPUT, {"v": 42}, Execution={"Input": {"x": 0}}))

    assert flowed == Flowed(output, {})
    assert before == INPUT


def test_a_template_is_computed_however_deep_and_the_rest_is_kept() -> None:
    document = {
        "flagged": True,
        "parts": {"first.$": "$.vals[0]", "last3.$": "$.vals[-3:]"},
        "list": [1, {"n.$": "States.MathAdd($.vals[1], 1)"}, ["$.vals", {"deep.$": "$v"}]],
        "$.vals": "$.vals",
        "const": {"a": [{"b": None}]},
        "weekday.$": "$$.DayOfWeek",
        "text.$": "States.Format('Today is {}', $$.DayOfWeek)",
    }
    before = json.dumps(document)

    output = passed(
        state(Parameters=document), scope({"vals": [0, 10, 20, 30]}, {"v": {"w": 1}}, DayOfWeek="TUESDAY")
    ).output

    assert output == {
        "flagged": True,
        "parts": {"first": 0, "last3": [10, 20, 30]},
        "list": [1, {"n": 11}, ["$.vals", {"deep": {"w": 1}}]],
        "$.vals": "$.vals",
        "const": {"a": [{"b": None}]},
        "weekday": "TUESDAY",
        "text": "Today is TUESDAY",
    }
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"InputPath": "$.nosuch"}, RUNTIME),
        ({"OutputPath": "$.nosuch"}, RUNTIME),
        ({"InputPath": "$nosuch"}, RUNTIME),
        ({"InputPath": "nosuch"}, RUNTIME),
        ({"InputPath": 7}, RUNTIME),
        ({"InputPath": "States.UUID()"}, RUNTIME),
        ({"Parameters": {"a.$": "$.nosuch"}}, RUNTIME),
        ({"Parameters": {"a.$": "$$.nosuch"}}, RUNTIME),
        ({"Parameters": {"a.$": "$["}}, RUNTIME),
        ({"Parameters": {"a.$": "States.Nothing()"}}, RUNTIME),
        ({"Parameters": {"a.$": "text"}}, RUNTIME),
        ({"Parameters": {"a.$": 7}}, RUNTIME),
        ({"Parameters": {"a.$": None}}, RUNTIME),
        ({"Assign": {"a.$": "$.nosuch"}}, RUNTIME),
        ({"Assign": ["a"]}, RUNTIME),
        ({"ResultPath": "$.a.b"}, RESULT_PATH),
        ({"ResultPath": "$.in.b.c"}, RESULT_PATH),
        ({"ResultPath": "$.in.b[3]"}, RESULT_PATH),
        ({"ResultPath": "$.*"}, RUNTIME),
        ({"ResultPath": "$$.a"}, RUNTIME),
        ({"ResultPath": "$a"}, RUNTIME),
        ({"ResultPath": ""}, RUNTIME),
        ({"ResultPath": 7}, RUNTIME),
    ],
)
def test_what_cannot_be_applied_fails_by_the_name_that_the_language_gives_it(
    fields: dict[str, Any], error: str
) -> None:
    assert failure(state(**fields)).error == error


def test_a_text_as_input_has_no_places() -> None:
    error = failure(state(ResultPath="$.x"), "foo")

    assert error.error == RESULT_PATH
    assert error.cause.startswith('Unable to apply ReferencePath $.x to input "foo"')


def test_a_path_that_filters_the_output_is_named_with_where_it_ended() -> None:
    near, far = failure(state(OutputPath="$.nosuch")), failure(state(InputPath="$.nosuch.b"))

    assert near.cause == "Invalid path '$.nosuch' : No results for path: $['nosuch']"
    assert far.cause == "Invalid path '$.nosuch.b' : Missing property in path $['nosuch']"


def test_a_task_works_on_parameters_and_what_it_comes_to_is_selected_and_placed() -> None:
    task = state(
        "Task",
        InputPath="$.in",
        Parameters={"n.$": "$.b[0]"},
        ResultSelector={"only.$": "$.x", "who.$": "$$.Who", "from.$": "$v"},
        ResultPath="$.result",
        OutputPath="$.result",
        Assign={"whole.$": "$.y", "old.$": "$v", "v": 2},
    )
    seen = scope(INPUT, {"v": 1}, Who="me")

    arguments = JSON_PATH.arguments(task, seen)
    flowed = JSON_PATH.output(task, seen, {"x": 5, "y": 6})

    assert arguments == {"n": 1}
    # By the specification, "$" in Assign is the result, before ResultSelector; and variables have their old values.
    assert flowed == Flowed({"only": 5, "who": "me", "from": 1}, {"whole": 6, "old": 1, "v": 2})


def test_a_wait_assigns_from_its_effective_input() -> None:
    wait = state("Wait", Seconds=1, InputPath="$.in", Assign={"b.$": "$.b"}, OutputPath="$.b")

    assert passed(wait, scope(INPUT)) == Flowed([1, 2, 3], {"b": [1, 2, 3]})


@pytest.mark.parametrize(
    ("catcher", "flowed"),
    [
        ({}, Flowed({"Error": "E", "Cause": "C"}, {})),
        ({"ResultPath": "$.error-info"}, Flowed({"a": 1, "error-info": {"Error": "E", "Cause": "C"}}, {})),
        ({"ResultPath": None}, Flowed({"a": 1}, {})),
        ({"Assign": {"e.$": "$.Error", "o.$": "$v"}}, Flowed({"Error": "E", "Cause": "C"}, {"e": "E", "o": 0})),
    ],
)
def test_a_catcher_puts_the_error_in_its_place(catcher: dict[str, Any], flowed: Flowed) -> None:
    assert JSON_PATH.caught(catcher, scope({"a": 1}, {"v": 0}), {"Error": "E", "Cause": "C"}) == flowed


def test_a_catcher_that_cannot_put_the_error_is_a_failure() -> None:
    with pytest.raises(StatesError) as failed:
        JSON_PATH.caught({"ResultPath": "$.x"}, scope("text"), {"Error": "E", "Cause": "C"})

    assert failed.value.error == RESULT_PATH


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"Seconds": 5}, "Seconds", 5),
        ({"Seconds": None}, "Seconds", None),
        ({"SecondsPath": "$.b[1]", "InputPath": "$.in"}, "Seconds", 2),
        ({"TimestampPath": "$t"}, "Timestamp", "soon"),
        ({"TimeoutSecondsPath": "$.a", "Parameters": {"a": 9}}, "TimeoutSeconds", 1),
        ({"ErrorPath": "$$.State.Name"}, "Error", "A"),
        ({"CausePath": "States.Format('{} failed', $$.State.Name)"}, "Cause", "A failed"),
        ({"HeartbeatSecondsPath": "$.path"}, "HeartbeatSeconds", "$.a"),
        ({}, "Cause", None),
    ],
)
def test_a_field_stands_as_it_is_or_is_selected(fields: dict[str, Any], name: str, value: Any) -> None:
    seen = scope(INPUT, {"t": "soon"}, State={"Name": "A"})

    assert JSON_PATH.field(state("Task", **fields), name, seen) == value


def test_a_field_whose_path_selects_nothing_is_named() -> None:
    with pytest.raises(StatesError) as failed:
        JSON_PATH.field(state("Fail", ErrorPath="$.ErrorX"), "Error", scope({"Error": "e"}))

    assert failed.value.error == RUNTIME
    assert "'$.ErrorX' specified for the field 'ErrorPath' could not be found" in failed.value.cause


@pytest.mark.parametrize(
    ("fields", "items"),
    [
        ({}, INPUT),
        ({"InputPath": "$.in.b"}, [1, 2, 3]),
        ({"InputPath": "$.in", "ItemsPath": "$.b", "Parameters": {"x": 1}}, [1, 2, 3]),
        ({"ItemsPath": "$list"}, [7]),
        ({"ItemsPath": "$$.Execution.Input"}, [8]),
        ({"ItemsPath": "$.a"}, 1),
    ],
)
def test_a_map_iterates_over_what_its_items_path_selects(fields: dict[str, Any], items: Any) -> None:
    seen = scope(INPUT, {"list": [7]}, Execution={"Input": [8]})

    assert JSON_PATH.items(state("Map", **fields), seen) == items


def test_a_map_without_its_items_is_a_failure() -> None:
    with pytest.raises(StatesError, match="ItemsPath"):
        JSON_PATH.items(state("Map", ItemsPath="$.nosuch"), scope(INPUT))


@pytest.mark.parametrize("name", ["ItemSelector", "Parameters"])
def test_an_item_is_made_from_the_input_and_the_iteration(name: str) -> None:
    selector = {"in.$": "$.b", "value.$": "$$.Map.Item.Value.x", "index.$": "$$.Map.Item.Index", "v.$": "$v"}
    each = state("Map", InputPath="$.in", **{name: selector})
    seen = scope(INPUT, {"v": 0}, Map={"Item": {"Index": 2, "Value": {"x": "y"}}})

    assert JSON_PATH.item(each, seen) == {"in": [1, 2, 3], "value": "y", "index": 2, "v": 0}
    assert JSON_PATH.item(state("Map"), seen) == {"x": "y"}
    assert JSON_PATH.arguments(each, seen) == INPUT["in"]


def test_a_state_is_compiled_once_and_another_one_with_the_same_name_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []

    def counted(value: Any) -> Expression:
        compiled.append(value)
        return template(value)

    monkeypatch.setattr("isthmus.workflows.json_path.plans.template", counted)
    dataflow = JsonPath()
    first, second = state(Parameters={"n": 1}), state(Parameters={"n": 2})

    found = [dataflow.arguments(each, scope()) for each in (first, second, first, second, first)]

    assert [each["n"] for each in found] == [1, 2, 1, 2, 1]
    assert len(compiled) == 4  # Parameters of a state are those of its items, too: two templates each


def test_what_is_compiled_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_KEPT", 10)
    dataflow = JsonPath()

    found = [dataflow.arguments(state(Parameters={"n": number}), scope()) for number in range(1_000)]

    assert [each["n"] for each in found] == list(range(1_000))


def test_many_threads_share_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_KEPT", 3)
    dataflow = JsonPath()
    states = [state(Parameters={"n.$": f"States.MathAdd($.n, {number})"}) for number in range(8)]
    wrong: list[Any] = []

    def work() -> None:
        for turn in range(300):
            number = turn % len(states)
            found = dataflow.arguments(states[number], scope({"n": turn}))
            wrong.extend([] if found == {"n": turn + number} else [found])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_fields_that_are_nested_too_deep_are_a_failure() -> None:
    deep: Any = {"leaf.$": "$.a"}
    for _ in range(sys.getrecursionlimit()):
        deep = {"in": deep}

    assert failure(state(Parameters=deep)).error == RUNTIME


TEXTS = st.text("$.@[]()?*'\"\\,:abc019 -<>=!&|{}", max_size=25)


@settings(deadline=None)
@given(TEXTS.map(lambda text: "$" + text) | TEXTS.map(lambda text: f"States.Format('{text}', $.a)") | TEXTS)
def test_no_text_brings_forth_another_error_than_the_languages_own(text: str) -> None:
    fields: dict[str, Any] = {"Parameters": {"v.$": text}, "InputPath": text, "OutputPath": text, "ResultPath": text}
    rule = {"Variable": text, "StringMatches": text, "Next": "B"}
    wrong: list[BaseException] = []
    for name, value in fields.items():
        try:
            json.dumps(passed(state(**{name: value}), scope({"a": [1, {"b": "c"}]})).output)
        except StatesError:
            pass
        except Exception as error:
            wrong.append(error)
    with contextlib.suppress(StatesError):
        JSON_PATH.choose(state("Choice", Choices=[rule], Default="C"), scope({"a": "b"}))

    assert wrong == []
