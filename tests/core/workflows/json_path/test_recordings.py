"""The recordings of the real service, as far as data alone decide them: machines of Pass, Choice, Wait, Succeed, Fail.

Tasks, Parallel and Map are the interpreter's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.definition import Definition, State, parse
from isthmus.workflows.json_path.dataflow import JSON_PATH
from isthmus.workflows.json_path.values import is_array, is_object
from isthmus.workflows.states_error import StatesError
from tests.core.workflows.json_path.states import state

CORPUS = Path(__file__).parents[5] / "shared" / "corpus"
SIMPLE = {"Pass", "Choice", "Wait", "Succeed", "Fail"}
MASKED = ("<", "RandomNumberGenerated", "date", "snf_role_arn")
"""How values begin that the collection has masked, since each execution has its own."""


def rows(name: str) -> Iterator[dict[str, Any]]:
    if not (CORPUS / name).exists():
        pytest.skip(f"the outside collection is not at hand: {name}")
    yield from map(json.loads, (CORPUS / name).read_text().splitlines())


def simple() -> Iterator[tuple[dict[str, Any], Definition]]:
    for row in rows("asl_cases.jsonl"):
        definition = parse(json.loads((CORPUS / row["definition_path"]).read_text()))
        states = list(definition.states)
        if {each.type for each in states} <= SIMPLE and all(each.language == "JSONPath" for each in states):
            yield row, definition


def context(input: Any, name: str) -> dict[str, Any]:
    execution = {"Id": "id", "Input": input, "StartTime": "now", "Name": "n", "RoleArn": "role", "RedriveCount": 0}
    machine = {"Id": "machine", "Name": "a-b"}
    return {"Execution": execution, "StateMachine": machine, "State": {"Name": name, "EnteredTime": "now"}}


def run(definition: Definition, input: Any) -> Any:
    """Return the output of an execution; `StatesError` is how it fails."""
    data, variables, name = input, dict[str, Any](), definition.root.start_at
    while name:
        current = definition.root.states[name]
        name, data, assigned = step(current, Scope(data, context(input, name), variables))
        variables = {**variables, **assigned}
    return data


def step(current: State, scope: Scope) -> tuple[str, Any, Mapping[str, Any]]:
    if current.type == "Choice":
        chosen = JSON_PATH.choose(current, scope)
        return chosen.next, chosen.flowed.output, chosen.flowed.assigned
    if current.type == "Fail":
        error, cause = (JSON_PATH.field(current, name, scope) for name in ("Error", "Cause"))
        raise StatesError(error, cause)
    if current.type == "Wait":
        assert any(JSON_PATH.field(current, name, scope) is not None for name in ("Seconds", "Timestamp"))
    flowed = JSON_PATH.output(current, scope, JSON_PATH.arguments(current, scope))
    return current.fields.get("Next", ""), flowed.output, flowed.assigned


def came_to(definition: Definition, input: Any) -> dict[str, Any]:
    try:
        return {"status": "SUCCEEDED", "output": run(definition, input)}
    except StatesError as error:
        return {"status": "FAILED", "error": error.error, "cause": error.cause}


def same(found: Any, recorded: Any) -> bool:
    """Return whether values agree, and their types, where the collection has not masked them."""
    if isinstance(recorded, str) and (recorded.startswith(MASKED) or "<" in recorded):
        return True
    if is_object(recorded) and is_object(found):
        return found.keys() == recorded.keys() and all(same(found[name], value) for name, value in recorded.items())
    if is_array(recorded) and is_array(found):
        return len(found) == len(recorded) and all(map(same, found, recorded))
    return isinstance(found, bool) is isinstance(recorded, bool) and bool(found == recorded)


def agrees(found: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    if found["status"] != row["expected_status"]:
        return False
    if found["status"] == "SUCCEEDED":
        return same(found["output"], row["expected_output"])
    # The service says where it was before it says what went wrong.
    wrong = (row["expected_cause"] or "").split("). ", 1)[-1].split("<")[0]
    return bool(found["error"] == row["expected_error"] and found["cause"].startswith(wrong))


def test_every_machine_without_tasks_comes_to_what_was_recorded() -> None:
    compared = [(row["id"], came_to(definition, row["input"]), row) for row, definition in simple()]

    assert len(compared) >= 400
    assert [(name, found) for name, found, row in compared if not agrees(found, row)] == []


def test_another_output_than_the_recorded_one_would_be_noticed() -> None:
    changed = [
        agrees({**found, "output": [found.get("output")], "error": "Another"}, row)
        for row, definition in simple()
        for found in [came_to(definition, row["input"])]
        if not row["expected_placeholders"]
    ]

    assert len(changed) >= 400
    assert not any(changed)


def test_every_state_that_was_tested_alone_takes_and_gives_what_was_recorded() -> None:
    wrong: list[Any] = []
    compared = 0
    for row in rows("asl_test_state.jsonl"):
        definition, expected = row["definition"], row["expected"]
        if "States" in definition or "JSONata" in json.dumps(definition) or definition["Type"] == "Fail":
            continue
        result = json.loads(row["args"].get("mock", {}).get("result", "null"))
        fields = {name: value for name, value in definition.items() if name != "Type"}
        tested = state(definition["Type"], **fields)
        scope = Scope(row["input"], json.loads(row["args"].get("context", "{}")))
        compared += 1
        wrong += [(row["id"], found) for found in differences(tested, scope, result, expected)]

    assert compared >= 30
    assert wrong == []


def differences(tested: State, scope: Scope, result: Any, expected: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what differs: the next state, the arguments, a Map's items, the output."""
    if tested.type == "Choice":
        chosen = JSON_PATH.choose(tested, scope)
        yield from differing(chosen.next, expected["nextState"])
        yield from differing(chosen.flowed.output, expected["output"])
        return
    arguments = JSON_PATH.arguments(tested, scope)
    inspected = expected.get("inspectionData", {})
    if tested.type == "Map":
        items = JSON_PATH.items(tested, scope)
        yield from differing(items, json.loads(inspected.get("afterItemsPath", "null")) or items)
        yield from differing(isinstance(items, list), expected["status"] == "SUCCEEDED")
    else:
        taken = inspected.get("result" if "Result" in tested.fields else "afterParameters", arguments)
        yield from differing(arguments, taken)
    if expected["status"] == "SUCCEEDED" and (tested.type in SIMPLE or result is not None):
        flowed = JSON_PATH.output(tested, scope, arguments if tested.type in SIMPLE else result)
        yield from differing(flowed.output, expected["output"])


def differing(found: Any, recorded: Any) -> Iterator[Any]:
    if not same(found, recorded):
        yield found, recorded
