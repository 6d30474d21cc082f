"""Sources: only what Workflows documents is called, its limits are kept, and the states are found by their names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.definition import load, parse
from isthmus_gcp.workflow import documented, library, limits
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.profile import StandIns
from isthmus_gcp.workflow.refusal import RefusedError
from isthmus_gcp.workflow.source import Source
from tests.emulators.gcp.workflows.workflow import deploy
from tests.gcp.workflow.played import Failed, Played, run

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "localstack" / "asl_definitions"
PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def compiled(states: Mapping[str, Any], **fields: Any) -> Source:
    return compile_workflow(parse({"StartAt": next(iter(states)), "States": states, **fields}), StandIns())


def checked(subworkflows: Mapping[str, Any]) -> None:
    """Hold a source to what Google documents."""
    for code in documented.expressions(subworkflows):
        assert len(code) + len("${}") <= limits.EXPRESSION
        assert documented.called(code) <= set(documented.FUNCTIONS), code
    for body in subworkflows.values():
        assert library.calls_of(body) <= set(documented.BLOCKING) | set(subworkflows)
    for step in steps(subworkflows):
        assert len(step.get("assign", ())) <= limits.ASSIGNMENTS
        assert len(step.get("switch", ())) <= limits.CONDITIONS
        branches = step.get("parallel", {}).get("branches", [None] * 2)
        assert 2 <= len(branches) <= limits.BRANCHES


def steps(value: Any) -> Iterator[Mapping[str, Any]]:
    if is_mapping(value):
        yield value
        for inner in value.values():
            yield from steps(inner)
    elif is_list(value):
        for inner in value:
            yield from steps(inner)


def test_the_helpers_call_only_what_is_documented() -> None:
    checked(dict(library.helpers()))


def test_every_documented_function_has_its_page() -> None:
    for page in [*documented.FUNCTIONS.values(), *documented.BLOCKING.values()]:
        assert page.startswith("https://cloud.google.com/workflows/docs/reference/")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_every_source_of_the_collection_keeps_the_rules_and_is_deployed() -> None:
    kept = 0
    for file in sorted(CORPUS.glob("*.json")):
        try:
            source = compile_workflow(load(file), StandIns())
        except RefusedError:
            continue
        checked(yaml.safe_load(source.text))
        deploy(source.text)
        kept += 1

    assert kept > 100


def test_steps_are_the_states_in_their_order() -> None:
    states = {
        "Validate Order": {"Type": "Pass", "Next": "Pay/now"},
        "Pay/now": {"Type": "Pass", "Next": "Ship"},
        "Ship": PASS,
    }

    names = [next(iter(step)) for step in yaml.safe_load(compiled(states).text)["machine"]["steps"]]

    assert [name for name in names if name in ("Validate_Order", "Pay_now", "Ship")] == [
        "Validate_Order",
        "Pay_now",
        "Ship",
    ]
    assert all(name.startswith(("Validate_Order", "Pay_now", "Ship")) for name in names)


def test_it_starts_where_the_machine_does() -> None:
    document = {
        "StartAt": "B",
        "States": {
            "A": {"Type": "Pass", "Result": "a", "End": True},
            "B": {"Type": "Pass", "Result": "b", "End": True},
        },
    }

    assert deploy(compile_workflow(parse(document), StandIns()).text).run({}).value == "b"


def test_only_helpers_that_are_used_are_in_it() -> None:
    subworkflows = yaml.safe_load(compiled({"A": PASS}).text)

    assert {name for name in subworkflows if name.startswith(library.PREFIX)} == {
        "states_envelope",
        "states_error",
        "states_type",
    }


def test_the_same_definition_has_the_same_text() -> None:
    one, same, other = compiled({"A": PASS}), compiled({"A": PASS}), compiled({"B": PASS})

    assert one.text == same.text != other.text


def test_the_estimates_tell_how_much_of_the_limits_is_used() -> None:
    inner = {"StartAt": "X", "States": {"X": PASS}}
    one = compiled({"A": PASS}).estimates
    nested = compiled({"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}).estimates

    assert one.bytes == len(compiled({"A": PASS}).text.encode())
    assert (one.parallel_depth, nested.parallel_depth) == (0, 1)
    assert nested.call_depth > one.call_depth > 1
    assert nested.steps > one.steps


def test_a_source_that_is_too_large_is_refused() -> None:
    states = {f"S{number}": {"Type": "Pass", "Result": "x" * 1000, "Next": f"S{number + 1}"} for number in range(150)}

    with pytest.raises(RefusedError, match="bytes"):
        compiled({**states, "S150": PASS})


def test_a_loop_that_never_ends_is_ended_by_google() -> None:
    ended = run({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}})

    assert ended.state == "FAILED"


def test_a_loop_of_many_states_stays_within_the_steps_of_an_execution() -> None:
    states = {
        "Add": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
        "More": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.i", "NumericLessThan": 1000, "Next": "Add"}],
            "Default": "Done",
        },
        "Done": PASS,
    }

    ended = run(states, {"i": 0})

    assert ended.value == {"i": 1000}
    assert len(ended.steps) < limits.STEPS / 2


def test_many_states_with_retries_fit_into_a_source() -> None:
    task = {
        "Type": "Task",
        "Resource": "shop.work",
        "Retry": [{"ErrorEquals": ["A"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "End"}],
    }
    states = {f"S{number}": {**task, "Next": f"S{number + 1}" if number < 29 else "End"} for number in range(30)}
    played = Played({"S7": [Failed("B")]})

    ended = run({**states, "End": PASS}, {}, played)

    assert ended.value["Error"] == "B"
    assert compiled({**states, "End": PASS}).estimates.bytes < limits.SOURCE


def test_the_text_is_json_too_when_it_is_read() -> None:
    assert json.dumps(yaml.safe_load(compiled({"A": {"Type": "Pass", "Result": "2020-01-01", "End": True}}).text))
