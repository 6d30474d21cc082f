"""Whatever is thrown at the linter: it never raises, ends soon, and says each thing once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.shapes import is_mapping
from isthmus.workflows.lint.problems import problems
from isthmus.workflows.lint.spot import LONGEST_TOKEN
from isthmus.workflows.lint.states import STATES
from tests.core.workflows.lint.machines import of_state, of_states, pointers, task

FIELDS = sorted({name for form in STATES.values() for name in (*form.fields, *form.json_path, *form.jsonata)})
WORDS = (
    *("A", "B", "Pass", "Task", "Choice", "Parallel", "Map", "Fail", "JSONata", "JSONPath", "$", "$.a", "$$.b", "$v"),
    *("{% $states.result %}", "{% (", "States.ALL", "States.UUID()", "DISTRIBUTED", "2026-01-01T00:00:00Z", ""),
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text()
names = st.sampled_from([*FIELDS, "StartAt", "States", "And", "Or", "Not", "StringEquals", "ErrorEquals", "a.$"])
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(), inner, max_size=5)
)


def of_type(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "Type": kind}


def machine(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    said: dict[str, st.SearchStrategy[Any]] = {
        "StartAt": st.sampled_from(WORDS),
        "States": st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    }
    more = {"QueryLanguage": st.sampled_from(WORDS), "Branches": st.lists(inner), "ItemProcessor": inner}
    return st.fixed_dictionaries(said, optional=more)


fields = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6)
states: st.SearchStrategy[dict[str, Any]] = st.builds(of_type, st.sampled_from([*STATES]), fields)
machines: st.SearchStrategy[Any] = st.recursive(states | anything, machine)


def said_once(document: object) -> None:
    faults = problems(document)

    assert faults == sorted(set(faults))


@given(anything)
def test_no_json_makes_it_raise(document: object) -> None:
    said_once(document)


@given(machines)
def test_nothing_that_looks_like_a_definition_makes_it_raise(document: object) -> None:
    said_once(document)


@given(st.dictionaries(st.sampled_from(WORDS), states, min_size=1, max_size=4))
def test_each_pointer_leads_to_a_place_of_the_document(written: dict[str, Any]) -> None:
    document = of_states(written)

    for pointer in pointers(document):
        place: Any = document
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            place = place[name] if is_mapping(place) else place[int(name)]


@pytest.mark.parametrize("document", [{5: 6}, {"States": {5: 6}}, {"a": {1, 2}}, b"{}", object(), (), {"States": b""}])
def test_what_is_no_json_is_a_fault_and_no_exception(document: object) -> None:
    assert problems(document)


def chain(count: int) -> dict[str, Any]:
    middle = {f"s{n}": {"Type": "Pass", "Next": f"s{n + 1}"} for n in range(count)}
    return of_states({**middle, f"s{count}": {"Type": "Succeed"}})


def calls(document: object) -> int:
    """Return how many functions are called to look at a document: unlike seconds, always as many."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        problems(document)
    finally:
        sys.setprofile(None)
    return counted


def test_ten_times_as_many_states_take_ten_times_as_much_work() -> None:
    assert calls(chain(2_000)) < 11 * calls(chain(200))


def test_a_cycle_of_ten_thousand_states_cannot_end() -> None:
    states_of = {f"s{n}": {"Type": "Pass", "Next": f"s{(n + 1) % 10_000}"} for n in range(10_000)}

    assert pointers(of_states(states_of)) == [""]


def nested(depth: int) -> dict[str, Any]:
    machine = of_states({"inmost": {"Type": "Succeed", "Zzz": 1}})
    for level in range(depth):
        machine = of_states({f"p{level}": {"Type": "Parallel", "Branches": [machine], "End": True}})
    return machine


def test_a_fault_a_thousand_machines_deep_is_found() -> None:
    (pointer,) = pointers(nested(1_000))

    assert pointer.endswith("/Branches/0/States/inmost/Zzz")
    assert pointer.count("/Branches/") == 1_000


def negated(depth: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"Variable": "$.a", "IsPresent": 5}
    for _ in range(depth):
        rule = {"Not": rule}
    return of_state(Type="Choice", Choices=[{**rule, "Next": "B"}])


def templated(depth: int) -> dict[str, Any]:
    value: Any = {"a.$": 5}
    for _ in range(depth):
        value = [{"b": value}]
    return of_state(Type="Pass", Parameters={"c": value})


@pytest.mark.parametrize("made", [negated, templated])
def test_rules_and_templates_of_any_depth_are_looked_at(made: Callable[[int], dict[str, Any]]) -> None:
    assert len(problems(made(5_000))) == 1


LONG = 200_000


@pytest.mark.parametrize(
    "text",
    ["$" + "." * LONG, "$" + "[" * LONG, "$." + "a" * LONG, "$[?(" * (LONG // 4), "States.Format(" * (LONG // 40)],
    ids=lambda text: text[:14],
)
def test_long_paths_are_told_of_in_few_words_and_little_time(text: str) -> None:
    faults = problems(of_state(Type="Pass", Parameters={"a.$": text, "b.$": f"${text}"}))

    assert all(len(fault.message) < 1_000 for fault in faults)


@pytest.mark.parametrize("part", ['\\"', "'", '"', "/*", "(", "a.", "$states . ", "`"])
def test_long_expressions_are_told_of_in_few_words_and_little_time(part: str) -> None:
    faults = problems(of_state(Type="Pass", QueryLanguage="JSONata", Output="{% " + part * 40_000 + " %}"))

    assert all(len(fault.message) < 1_000 for fault in faults)


def test_names_of_a_million_characters_make_no_long_report() -> None:
    name = "x" * 1_000_000
    document = of_states({name: {"Type": "Pass", name: 1, "Next": name + "y"}})
    faults = problems(document)

    assert len(faults) == 3
    assert all(len(fault.pointer) < 3 * LONGEST_TOKEN and len(fault.message) < 500 for fault in faults)


def test_ten_thousand_mistyped_names_are_all_told_of() -> None:
    states_of = {f"s{n}": {"Type": "Pass", "Next": f"t{n}x"} for n in range(10_000)}

    assert sum("/Next" in pointer for pointer in pointers(of_states(states_of))) == 10_000


def test_half_a_character_in_a_name_is_told_of_and_can_be_written_down() -> None:
    faults = problems(json.loads('{"StartAt": "\\ud800", "States": {"\\ud800x": {"Type": "Pass", "\\udfff": 1}}}'))

    assert faults
    assert all(fault.message.encode() for fault in faults)


def test_a_long_list_of_errors_is_looked_at_in_little_time() -> None:
    retriers = [{"ErrorEquals": ["States.Tmeout", str(n)]} for n in range(5_000)]

    assert len(problems(task(Retry=[*retriers, {"ErrorEquals": ["0"]}]))) >= 5_000


def within_itself() -> dict[str, Any]:
    document = of_state(Type="Parallel", Branches=[])
    document["States"]["A"]["Branches"].append(document)
    return document


def in_many_places() -> dict[str, Any]:
    value: Any = {"a.$": "$.a"}
    for _ in range(64):
        value = [value, value]
    return of_state(Type="Pass", Parameters={"b": value})


@pytest.mark.parametrize("made", [within_itself, in_many_places])
def test_what_has_itself_within_it_or_the_same_over_and_over_is_looked_at_in_bounds(
    made: Callable[[], dict[str, Any]],
) -> None:
    said_once(made())


def test_a_number_that_python_does_not_write_is_told_of() -> None:
    assert [fault.message for fault in problems(of_states({"A": {"Type": 10**5_000, "End": 10**5_000}}))]
