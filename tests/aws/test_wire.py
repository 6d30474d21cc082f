from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import dead_letters, envelope
from isthmus.errors import BadEventError
from isthmus.parts import part
from isthmus_aws import wire


def there_and_back(data: bytes, attributes: dict[str, object]) -> tuple[bytes, dict[str, str]]:
    text, native = wire.outgoing(data, attributes)
    return wire.incoming(text, {name: value["StringValue"] for name, value in native.items()})


@given(data=st.binary(max_size=300))
def test_any_body_comes_back_and_travels_as_text_that_sqs_takes(data: bytes) -> None:
    text, _ = wire.outgoing(data, {})

    assert there_and_back(data, {})[0] == data
    assert len(text) >= 1
    assert all(
        letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
        for letter in text
    )


@given(text=st.text(max_size=300))
def test_text_that_sqs_takes_is_readable_on_the_way(text: str) -> None:
    data = text.encode("utf-8", "replace")
    sent, native = wire.outgoing(data, {})

    assert there_and_back(data, {})[0] == data
    assert sent == data.decode() or wire.OURS in native


def test_ours_take_one_attribute_and_a_users_stay_native() -> None:
    attributes: dict[str, object] = {
        "type": "order.placed",
        "weight": 7.5,
        envelope.CORRELATION_ID: "c",
        envelope.TRACEPARENT: "t",
        envelope.CONTENT_TYPE: "application/json",
        dead_letters.SOURCE: "Work",
        dead_letters.REASON: "ValueError: é",
    }
    _, native = wire.outgoing(b"{}", attributes)

    assert native["type"] == {"DataType": "String", "StringValue": "order.placed"}
    assert native["weight"] == {"DataType": "Number", "StringValue": "7.5"}
    assert native.keys() == {"type", "weight", wire.OURS}
    assert there_and_back(b"{}", attributes)[1] == {**attributes, "weight": "7.5"}


@pytest.mark.parametrize("count", [0, 1, 9, 10, 30])
def test_no_more_than_ten_attributes_travel_however_many_there_are(count: int) -> None:
    attributes: dict[str, object] = {f"name{n}": str(n) for n in range(count)}
    attributes[envelope.CORRELATION_ID] = "c"
    _, native = wire.outgoing(b"x", attributes)

    assert len(native) <= 10
    assert there_and_back(b"x", attributes)[1] == attributes


@pytest.mark.parametrize("ours", ["no json", '"[]"', "3", '{"a": 1}', '{"a": null}', "[" * 100_000])
def test_ours_that_makes_no_sense_is_refused(ours: str) -> None:
    with pytest.raises(BadEventError, match="message attribute 'isthmus'"):
        wire.incoming("x", {wire.OURS: ours})


@pytest.mark.parametrize("text", ["no base64!", "YQ", "Y Q = =", ""])
def test_a_body_that_is_not_the_base64_it_says_it_is_is_refused(text: str) -> None:
    ours = json.dumps({wire.BODY: "base64"})
    if text:
        with pytest.raises(BadEventError, match="base64"):
            wire.incoming(text, {wire.OURS: ours})
    else:
        assert wire.incoming(text, {wire.OURS: ours})[0] == b""


@given(text=st.one_of(st.none(), st.integers(), st.text()))
def test_an_envelope_that_makes_no_sense_is_none(text: object) -> None:
    found = wire.envelope_of(text)

    assert not any((found.correlation_id, found.traceparent))


def test_what_is_carried_comes_back_as_the_envelope() -> None:
    assert wire.envelope_of(wire.carried()).correlation_id


@pytest.mark.parametrize(
    ("ours", "known"),
    [
        ('[{"isthmus-correlation-id":"c-1"}]', "c-1"),
        ('[[{"isthmus-correlation-id":"c-1"}], {"isthmus-correlation-id":"c-2"}]', "c-1"),
        ('[{"n": 1}, 3, null, {"isthmus-correlation-id":"c-1"}]', "c-1"),
        ("[]", ""),
        ("[" * 50 + "]" * 50, ""),
    ],
)
def test_what_a_workflow_sends_is_json_with_the_envelope_of_its_execution_if_that_has_one(
    ours: str, known: str
) -> None:
    _, attributes = wire.incoming("{}", {"isthmus": ours})

    assert attributes.get("isthmus-correlation-id", "") == known
    assert attributes["isthmus-content-type"] == "application/json"


def test_what_a_workflow_has_sent_is_read_by_a_bundle_that_nothing_of_workflows_is_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The workflow was taken out of the app, and its last messages wait: they fail no batch, but have no envelope."""
    monkeypatch.setitem(sys.modules, wire.WORKFLOW.partition(":")[0], None)
    monkeypatch.setattr(wire, "part", part.__wrapped__)
    body, attributes = wire.incoming("{}", {wire.OURS: '[{"isthmus-correlation-id":"c-1"}]'})

    assert (body, attributes) == (b"{}", {envelope.CONTENT_TYPE: "application/json"})
