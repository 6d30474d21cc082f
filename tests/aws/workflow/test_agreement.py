"""A state that was written anew does what its author wrote: the one with AWS's result as the other with ours.

Both run on an emulator of Step Functions; the tasks of the one answer as AWS's services do, those of the other as the
document means it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from isthmus.shapes import is_mapping
from tests.aws.workflow.emitting import emitted, machine
from tests.emulators.aws.step_functions import Outcome, run

GIVEN = {"n": 1, "in": {"a": [1, 2]}, "keep": "me"}
OUTPUT = {"total": 3, "Output": {"deep": [4]}, "list": [{"x": 1}, {"x": 2}]}
AROUND: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "a result path": {"ResultPath": "$.child"},
    "a deeper result path": {"ResultPath": "$.child.of", "OutputPath": "$.child"},
    "a result path that replaces": {"ResultPath": "$.in"},
    "no result": {"ResultPath": None},
    "an output path": {"OutputPath": "$.total"},
    "an output path to a name like ours": {"OutputPath": "$.Output.deep[0]"},
    "no output": {"OutputPath": None},
    "an output path of the context": {"OutputPath": "$$.Execution.Input.n"},
    "a result path and an output path": {"ResultPath": "$.r", "OutputPath": "$.r.list"},
    "an input path": {"InputPath": "$.in", "ResultPath": "$.r"},
    "parameters": {"Parameters": {"a.$": "$.n", "b": {"c.$": "States.Array($.keep, $$.State.Name)"}}},
    "a selector": {"ResultSelector": {"t.$": "$.total", "o": {"all.$": "$", "k": "$.total"}}},
    "a selector and paths": {"ResultSelector": {"t.$": "$.list[1].x"}, "ResultPath": "$.r", "OutputPath": "$.r"},
    "a selector of intrinsics": {"ResultSelector": {"s.$": "States.Format('$ {} $.x', $.total)"}},
    "a variable": {"Assign": {"v.$": "$.total", "w": {"all.$": "$"}}},
    "a variable and a result path": {"Assign": {"v.$": "$.list"}, "ResultPath": "$.r"},
}
IN_JSONATA: Mapping[str, Mapping[str, Any]] = {
    "nothing": {},
    "an output": {"Output": {"t": "{% $states.result.total %}", "s": "{% '$states.result' & \"$states.result\" %}"}},
    "an output of all": {"Output": "{% $merge([$states.input, {'r': $states.result}]) %}"},
    "an output of a name like ours": {"Output": "{% $states . result.Output.deep %}"},
    "arguments": {"Arguments": {"a": "{% $states.input.n + 1 %}"}, "Output": "{% $count($states.result.list) %}"},
    "computed arguments": {"Arguments": "{% {'a': $states.input.n} %}"},
    "a variable": {"Assign": {"v": "{% $states.result.total %}"}, "Output": "{% $states.result.list[0] %}"},
}
ANY_JSON: Sequence[Any] = ("t", "", 'a "quoted"\n\\ é 🎉', '"b"', 1, 1.5, True, None, [], [1, "a"], {"a": [None]})
READING = {"Type": "Pass", "Parameters": {"v.$": "$v", "rest.$": "$"}, "End": True}
READING_IN_JSONATA = {"Type": "Pass", "Output": {"v": "{% $v %}", "rest": "{% $states.input %}"}, "End": True}


def both(fields: Mapping[str, Any], meant: Any, told: Any, **others: Any) -> tuple[Outcome, Outcome]:
    """Run a definition of one task as it is, and as it was written anew, with the result of each."""
    definition = machine(fields, **others)
    if "Assign" in fields:
        read = READING_IN_JSONATA if others else READING
        first = {name: value for name, value in definition["States"]["Do"].items() if name != "End"}
        definition["States"] = {"Do": {**first, "Next": "Read"}, "Read": read}
    made = emitted(definition)
    assert made.faults == []
    return run(definition, GIVEN, {"Do": [{"result": meant}]}), run(made.content, GIVEN, {"Do": [{"result": told}]})


def without_envelope(given: Any) -> Any:
    return {name: value for name, value in given.items() if name != "isthmus"} if is_mapping(given) else given


@pytest.mark.parametrize("name", AROUND)
def test_a_workflow_that_is_waited_for_returns_its_output_alone(name: str) -> None:
    told = {"ExecutionArn": "arn:x", "Output": OUTPUT, "Status": "SUCCEEDED", "Input": "{}"}
    meant, ours = both({"Resource": "Child.sync", **AROUND[name]}, OUTPUT, told)

    assert (ours.status, ours.output) == (meant.status, meant.output)
    assert meant.status == "SUCCEEDED"
    (call,) = ours.calls["Do"]
    assert without_envelope(call["Input"]) == meant.calls["Do"][0]


@pytest.mark.parametrize("name", IN_JSONATA)
def test_a_workflow_that_is_waited_for_returns_its_output_alone_in_jsonata(name: str) -> None:
    told = {"ExecutionArn": "arn:x", "Output": OUTPUT, "Status": "SUCCEEDED", "Input": "{}"}
    fields = {"Resource": "Child.sync", **IN_JSONATA[name]}
    meant, ours = both(fields, OUTPUT, told, QueryLanguage="JSONata")

    assert (ours.status, ours.output) == (meant.status, meant.output)
    assert meant.status == "SUCCEEDED"
    (call,) = ours.calls["Do"]
    assert without_envelope(call["Input"]) == meant.calls["Do"][0]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ResultPath": "$.sent"},
        {"ResultPath": None},
        {"OutputPath": "$.MessageId"},
        {"ResultSelector": {"id.$": "$.MessageId", "all.$": "$", "n": 1}},
        {"ResultSelector": {"id.$": "$['MessageId']"}, "ResultPath": "$.r"},
        {"Assign": {"v.$": "$.MessageId"}},
        {"Assign": {"v.$": "$"}, "ResultPath": "$.r"},
    ],
    ids=str,
)
def test_a_message_that_is_sent_returns_its_id_alone(fields: Mapping[str, Any]) -> None:
    told = {"MessageId": "m-1", "MD5OfMessageBody": "x", "SdkHttpMetadata": {"HttpStatusCode": 200}}
    meant, ours = both({"Resource": "Work", **fields}, {"MessageId": "m-1"}, told)

    assert (ours.status, ours.output) == ("SUCCEEDED", meant.output)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Output": "{% $states.result %}"},
        {"Output": {"id": "{% $states.result.MessageId %}", "keys": "{% $keys($states.result) %}"}},
        {"Assign": {"v": "{% $states.result %}"}},
    ],
    ids=str,
)
def test_a_message_that_is_sent_returns_its_id_alone_in_jsonata(fields: Mapping[str, Any]) -> None:
    told = {"MessageId": "m-1", "MD5OfMessageBody": "x", "SdkHttpMetadata": {"HttpStatusCode": 200}}
    meant, ours = both({"Resource": "News", **fields}, {"MessageId": "m-1"}, told, QueryLanguage="JSONata")

    assert (ours.status, ours.output) == ("SUCCEEDED", meant.output)


@pytest.mark.parametrize("name", [*AROUND])
def test_a_function_returns_what_it_returns(name: str) -> None:
    meant, ours = both({"Resource": "Pack", **AROUND[name]}, OUTPUT, OUTPUT)

    assert (ours.status, ours.output) == (meant.status, meant.output)
    assert ours.calls["Do"][0]["isthmus-task"]["input"] == meant.calls["Do"][0]


@pytest.mark.parametrize("fields", [{}, {"Arguments": "{% $states.input %}"}], ids=str)
@pytest.mark.parametrize("given", ANY_JSON)
def test_a_message_is_the_json_of_whatever_it_is_in_jsonata(given: Any, fields: Mapping[str, Any]) -> None:
    for resource, name in (("Work", "MessageBody"), ("News", "Message")):
        made = emitted(machine({"Resource": resource, **fields}, QueryLanguage="JSONata"))
        (call,) = run(made.content, given, {"Do": [{"result": {"MessageId": "m-1"}}]}).calls["Do"]

        assert json.loads(call[name]) == given


def test_an_output_that_cannot_be_placed_by_a_path_is_placed_by_a_state_that_follows() -> None:
    made = emitted(machine({"Resource": "Child.sync", "ResultPath": "$.r", "OutputPath": "$.r"})).content["States"]

    assert list(made) == ["Do", "Do (its output)"]
    assert made["Do"]["Next"] == "Do (its output)"
    assert "End" not in made["Do"]
    assert made["Do (its output)"] == {
        "Type": "Pass",
        "InputPath": "$.r.Output",
        "ResultPath": "$.r",
        "OutputPath": "$.r",
        "End": True,
    }


def test_a_selector_beside_an_assign_of_the_result_is_refused() -> None:
    fields = {"Resource": "Child.sync", "ResultSelector": {"a.$": "$.b"}, "Assign": {"c.$": "$.d"}}
    (found,) = emitted(machine(fields)).faults

    assert "assign in a Pass" in found.what
