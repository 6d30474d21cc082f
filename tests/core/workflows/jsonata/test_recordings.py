"""The rows of the outside collection with JSONata, through a runner that knows only what needs no world.

`python -m tests.corpus asl` runs all of them through the interpreter; this holds the query language by itself to what
the real service recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from isthmus.shapes import is_mapping
from isthmus.workflows.dataflow import Flowed, Scope
from isthmus.workflows.definition import Machine, State, parse
from isthmus.workflows.jsonata.dataflow import JSONATA
from isthmus.workflows.states_error import StatesError

OUTSIDE = Path(__file__).parent.parent.parent.parent.parent.parent / "shared" / "corpus"
SIMPLE = {"Pass", "Choice", "Succeed", "Fail", "Wait", "Map"}

pytestmark = pytest.mark.skipif(not OUTSIDE.is_dir(), reason=f"the outside collection is not at {OUTSIDE.name}")


def rows() -> list[Any]:
    if not OUTSIDE.is_dir():
        return []
    lines = (OUTSIDE / "asl_cases.jsonl").read_text().splitlines()
    return [pytest.param(row, id=row["id"].rpartition("::")[2]) for row in map(json.loads, lines) if suits(row)]


def suits(row: Mapping[str, Any]) -> bool:
    document = definition(row)
    states = list(parse(document).states)
    return (
        any(state.language == "JSONata" for state in states)
        and {state.type for state in states} <= SIMPLE
        and all(state.language == "JSONata" or is_plain(state) for state in states)
    )


def is_plain(state: State) -> bool:
    """Whether a JSONPath state is no more than a Pass whose Assign takes members of the input."""
    return state.type == "Pass" and set(state.fields) <= {"Type", "Assign", "Next", "End", "QueryLanguage", "Comment"}


def definition(row: Mapping[str, Any]) -> Any:
    return json.loads((OUTSIDE / row["definition_path"]).read_bytes())


def run(machine: Machine, value: Any, context: dict[str, Any], variables: dict[str, Any]) -> Any:
    """Return what a machine comes to; a `Fail` raises what it says."""
    name = machine.start_at
    while name:
        state = machine.states[name]
        scope = Scope(value, {**context, "State": {"Name": name}}, variables)
        name, flowed = step(state, scope)
        value, variables = flowed.output, {**variables, **flowed.assigned}
    return value


def step(state: State, scope: Scope) -> tuple[str, Flowed]:
    following = state.fields.get("Next", "")
    if state.language != "JSONata":
        return following, Flowed(scope.input, dict(members(state.fields.get("Assign", {}), scope.input)))
    if state.type == "Fail":
        error, cause = (JSONATA.field(state, field, scope) for field in ("Error", "Cause"))
        raise StatesError(error or "", cause or "")
    if state.type == "Choice":
        chosen = JSONATA.choose(state, scope)
        return chosen.next, chosen.flowed
    if state.type == "Wait":
        assert [JSONATA.field(state, field, scope) for field in ("Seconds", "Timestamp")] != [None, None]
    result = iterations(state, scope) if state.type == "Map" else JSONATA.arguments(state, scope)
    return following, JSONATA.output(state, scope, result)


def members(assign: Mapping[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    for name, held in assign.items():
        yield name.removesuffix(".$"), value[held.removeprefix("$.")] if name.endswith(".$") else held


def iterations(state: State, scope: Scope) -> list[Any]:
    for field in ("MaxConcurrency", "ToleratedFailurePercentage"):
        JSONATA.field(state, field, scope)
    found: list[Any] = []
    for index, value in enumerate(JSONATA.items(state, scope)):
        context = {**scope.context, "Map": {"Item": {"Index": index, "Value": value}}}
        selected = JSONATA.item(state, Scope(scope.input, context, scope.variables))
        found.append(run(state.machines[0], selected, context, dict(scope.variables)))
    return found


def without(value: Any, placeholders: list[str], path: str = "$.output") -> Any:
    """Return a recorded or computed output without what is masked in the recording."""
    if path in placeholders:
        return "masked"
    if is_mapping(value):
        return {key: without(held, placeholders, f"{path}.{key}") for key, held in value.items()}
    return value


def text(value: Any) -> str:
    """Return a value as JSON, in which 1 and 1.0 differ."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("row", rows())
def test_a_state_machine_comes_to_what_the_service_recorded(row: dict[str, Any]) -> None:
    machine = parse(definition(row)).root
    context = {"Execution": {"Input": row["input"]}, "StateMachine": {}}
    placeholders = row["expected_placeholders"]

    try:
        outcome = {"status": "SUCCEEDED", "output": run(machine, row["input"], context, {})}
    except StatesError as error:
        outcome = {"status": "FAILED", "error": error.error, "cause": error.cause}

    assert outcome["status"] == row["expected_status"], outcome
    if "expected_output" in row and row["exact_output"]:
        assert text(without(outcome["output"], placeholders)) == text(without(row["expected_output"], placeholders))
    elif outcome["status"] == "FAILED":
        assert outcome["error"] == (row["expected_error"] or "")
        assert row["expected_cause"].endswith(outcome["cause"])


def test_the_collection_has_as_many_rows_with_jsonata_as_it_had() -> None:
    assert len(rows()) >= 60
