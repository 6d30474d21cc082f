"""A Task that puts an event on a bus publishes it: on Step Functions as the laptop's integration does it.

The emitted state runs on an emulator of Step Functions, which tells what SNS would be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.workflows.integrations.integrate import integrate
from isthmus.workflows.resource_uris import resolve
from tests.aws.workflow.emitting import arn, emitted, fault, machine
from tests.emulators.aws.step_functions import Outcome, run

PUT = "arn:aws:states:::events:putEvents"
GIVEN = {"n": 1, "kind": "OrderPlaced", "order": {"id": "o-1", "lines": [1, 2]}, "text": '{"deep": [null, "é"]}'}
PUBLISHED = {"MessageId": "m-1", "SdkHttpMetadata": {"HttpStatusCode": 200}}
ENTRY: Mapping[str, Any] = {"EventBusName": "News", "Source": "shop", "DetailType": "OrderPlaced", "Detail": {"a": 1}}


class Topic:
    """A linked topic that remembers what was published."""

    def __init__(self) -> None:
        self.published: list[tuple[Any, Any]] = []

    def publish(self, body: Any, *, attributes: Any = None) -> str:
        self.published.append((body, attributes))
        return "m-1"


def on_aws(entry: Mapping[str, Any], *, resource: str = PUT, **fields: Any) -> Outcome:
    """Return what becomes of the emitted state."""
    made = emitted(_machine(entry, resource, fields))
    assert made.faults == []
    assert made.content["States"]["Do"]["Resource"].startswith("arn:aws:states:::sns:publish")
    return run(made.content, GIVEN, {"Do": [{"result": PUBLISHED}]})


def on_the_laptop(entry: Mapping[str, Any], *, resource: str = PUT, **fields: Any) -> tuple[Any, Any, Any]:
    """Return what the local integration publishes for the same state, with its attributes, and its result."""
    (asked,) = run(_machine(entry, resource, fields), GIVEN, {"Do": [{"result": PUBLISHED}]}).calls["Do"]
    topic = Topic()
    result = integrate(resolve(resource), asked, lambda _: topic)
    ((body, attributes),) = topic.published
    return body, attributes, {name: result[name] for name in ("Entries", "FailedEntryCount")}


def _machine(entry: Mapping[str, Any], resource: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    language = {name: fields[name] for name in ("QueryLanguage",) if name in fields}
    others = {name: value for name, value in fields.items() if name not in language}
    arguments = "Arguments" if language else "Parameters"
    return machine({"Resource": resource, arguments: {"Entries": [entry]}, **others}, **language)


SAID: Mapping[str, Mapping[str, Any]] = {
    "an object": {},
    "JSON in text": {"Detail": '{"a": [1, null]}'},
    "no object": {"Detail": "[1]"},
    "all else": {"Time": "2026-01-02T03:04:05Z", "Resources": ["arn:x"], "TraceHeader": "Root=1"},
}
IN_JSONPATH: Mapping[str, Mapping[str, Any]] = {
    **SAID,
    "a path": {"Detail": None, "Detail.$": "$.order"},
    "paths in an object": {"Detail": {"id.$": "$.order.id", "deep": {"all.$": "$"}}},
    "text of an object": {"Detail": None, "Detail.$": "States.JsonToString($.order)"},
    "a computed kind": {"DetailType": None, "DetailType.$": "$.kind", "Source.$": "$.kind", "Source": None},
}
IN_JSONATA: Mapping[str, Mapping[str, Any]] = {
    **SAID,
    "an expression": {"Detail": "{% $states.input.order %}"},
    "an expression of text": {"Detail": "{% $states.input.text %}"},
    "expressions in an object": {"Detail": {"id": "{% $states.input.order.id %}"}},
    "a computed kind": {"DetailType": "{% $states.input.kind %}", "Source": "{% 'a' & 'b' %}"},
}


def changed(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**ENTRY, **entry}.items() if value is not None}


def check(outcome: Outcome, told: tuple[Any, Any, Any]) -> None:
    body, attributes, result = told
    (asked,) = outcome.calls["Do"]
    message = asked["Message"]
    native = {name: held["StringValue"] for name, held in asked["MessageAttributes"].items() if name != "isthmus"}

    assert asked["TopicArn"] == arn("sns", "shop-dev-News")
    assert list(message) == list(body)
    assert {**message, "id": "", "time": ""} == {**body, "id": "", "time": ""}
    assert len(message["id"]) == len(body["id"])
    assert message["time"][:11].endswith("T")
    assert native == attributes
    assert outcome.output == {**result, "Entries": [{"EventId": "m-1"}]}


@pytest.mark.parametrize("name", IN_JSONPATH)
def test_an_event_becomes_the_same_message_as_on_the_laptop(name: str) -> None:
    entry = changed(IN_JSONPATH[name])

    check(on_aws(entry), on_the_laptop(entry))


@pytest.mark.parametrize("name", IN_JSONATA)
def test_an_event_becomes_the_same_message_in_jsonata(name: str) -> None:
    entry = changed(IN_JSONATA[name])

    check(on_aws(entry, QueryLanguage="JSONata"), on_the_laptop(entry, QueryLanguage="JSONata"))


def test_the_detail_of_an_sdk_is_text_however_it_is_computed() -> None:
    entry = changed({"Detail": None, "Detail.$": "$.text"})
    sdk = "arn:aws:states:::aws-sdk:eventbridge:putEvents"

    check(on_aws(entry, resource=sdk), on_the_laptop(entry, resource=sdk))


@pytest.mark.parametrize(
    ("fields", "output"),
    [
        ({"ResultPath": None}, GIVEN),
        ({"ResultPath": "$.put", "OutputPath": "$.put.Entries[0]"}, {"EventId": "m-1"}),
        ({"ResultSelector": {"id.$": "$.Entries[0].EventId", "n.$": "$.FailedEntryCount"}}, {"id": "m-1", "n": 0}),
        ({"ResultSelector": {"all.$": "$", "some.$": "$.Entries"}, "OutputPath": "$.some"}, [{"EventId": "m-1"}]),
        ({"ResultSelector": {"code.$": "$.SdkHttpMetadata.HttpStatusCode"}}, {"code": 200}),
    ],
    ids=str,
)
def test_what_reads_the_result_of_putting_an_event_reads_the_same(fields: Any, output: Any) -> None:
    assert on_aws(ENTRY, **fields).output == output


def test_what_reads_the_result_reads_the_same_in_jsonata() -> None:
    output = {"id": "{% $states.result.Entries[0].EventId %}", "failed": "{% $states.result.FailedEntryCount > 0 %}"}

    assert on_aws(ENTRY, QueryLanguage="JSONata", Output=output).output == {"id": "m-1", "failed": False}


def test_a_task_that_waits_hands_its_token_on_and_comes_to_what_completes_it() -> None:
    entry = changed({"Detail": {"token.$": "$$.Task.Token"}})
    made = emitted(machine({"Resource": f"{PUT}.waitForTaskToken", "Parameters": {"Entries": [entry]}}))
    found = made.content["States"]["Do"]

    assert found["Resource"] == "arn:aws:states:::sns:publish.waitForTaskToken"
    assert found["Parameters"]["Message"]["detail"] == {"token.$": "$$.Task.Token"}
    assert "ResultSelector" not in found


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([ENTRY, ENTRY], "one event of a task, and not 2"),
        (ENTRY, "no list"),
        ([changed({"Detail": None})], "no Detail"),
        ([changed({"Source": None})], "no Source"),
        ([changed({"DetailType": None})], "no DetailType"),
        ([changed({"Detail": "no JSON"})], "takes JSON"),
        ([changed({"Details": {}})], "has no 'Details'"),
    ],
    ids=str,
)
def test_what_is_not_one_event_is_refused(entries: Any, why: str) -> None:
    assert why in fault({"Resource": PUT, "Parameters": {"Entries": entries}})


def test_what_reads_more_of_the_result_than_there_is_is_refused() -> None:
    fields = {"Resource": PUT, "Parameters": {"Entries": [ENTRY]}, "ResultSelector": {"x.$": "$.Entries[0].ErrorCode"}}

    assert "ResultSelector: '$.Entries[0].ErrorCode'" in fault(fields)
