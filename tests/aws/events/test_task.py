"""What an invocation brings."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus_aws.events.codecs import codecs
from isthmus_aws.events.task import read


def wrapped(**fields: Any) -> dict[str, Any]:
    return {"isthmus-task": {"input": {"a": 1}, **fields}}


@pytest.mark.parametrize("payload", [None, 3, "text", [], {}, {"a": 1}, {"isthmus-task": {}, "other": 1}], ids=repr)
def test_what_no_workflow_has_wrapped_is_the_payload(payload: Any) -> None:
    found = read(payload)

    assert (found.payload, found.attempt, found.envelope) == (payload, 1, None)


@pytest.mark.parametrize("payload", [{"isthmus-task": 3}, {"isthmus-task": {}}, {"isthmus-task": [{"input": 1}]}])
def test_what_only_looks_as_if_it_were_wrapped_is_the_payload(payload: Any) -> None:
    assert read(payload).payload == payload


@pytest.mark.parametrize("payload", [None, [], "x", {"isthmus-task": {"input": 1}}])
def test_any_payload_is_taken_out_of_its_wrapper_once(payload: Any) -> None:
    assert read({"isthmus-task": {"input": payload}}).payload == payload


@pytest.mark.parametrize(("retries", "attempt"), [(0, 1), (2, 3), (-1, 1), (1.5, 1), ("2", 1), (None, 1), (True, 1)])
def test_the_attempt_is_one_more_than_the_retries(retries: Any, attempt: int) -> None:
    assert read(wrapped(attempt=retries)).attempt == attempt


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ([], ""),
        (None, ""),
        ("x", ""),
        ([3, None, "c-1"], ""),
        ([{"isthmus-correlation-id": "c-1"}], "c-1"),
        ([[{"isthmus-correlation-id": "c-1"}], {"isthmus-correlation-id": "c-2"}], "c-1"),
        ({"isthmus-correlation-id": "c-1"}, "c-1"),
        ([{"isthmus-correlation-id": "a\nb"}], ""),
        ([{"isthmus-correlation-id": ["c-1"]}], ""),
    ],
    ids=repr,
)
def test_the_envelope_is_the_first_that_the_input_of_the_execution_has(found: Any, known: str) -> None:
    envelope = read(wrapped(envelope=found)).envelope

    assert envelope is not None
    assert envelope.correlation_id == known


def test_lists_that_are_nested_without_end_hold_no_envelope() -> None:
    found: Any = {"isthmus-correlation-id": "c-1"}
    for _ in range(500):
        found = [found]
    envelope = read(wrapped(envelope=found)).envelope

    assert envelope is not None
    assert envelope.correlation_id == ""


def test_the_codec_gives_the_payload_alone() -> None:
    assert codecs["task"].decode(wrapped(attempt=1)) == {"a": 1}
    assert codecs["task"].decode({"a": 2}) == {"a": 2}
