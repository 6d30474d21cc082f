from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import context as contexts
from isthmus.context import Context
from isthmus.envelope import Envelope, child, from_headers, incoming, new_id, outgoing, valid_traceparent
from isthmus.errors import InvalidValueError
from isthmus.http.headers import Headers

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def running() -> Iterator[None]:
    token = contexts.current.set(Context(request_id="r1", correlation_id="c1", traceparent=TRACE))
    yield
    contexts.current.reset(token)


@pytest.mark.usefixtures("running")
def test_what_is_sent_carries_the_running_invocation() -> None:
    attributes, envelope = incoming(outgoing({"type": "order.placed", "total": 3}, "application/json"))

    assert attributes == {"type": "order.placed", "total": 3}
    assert envelope.correlation_id == "c1"
    assert envelope.content_type == "application/json"
    assert repr(envelope) == "<Envelope c1 application/json>"


@pytest.mark.usefixtures("running")
def test_each_hop_is_a_new_span_of_the_same_trace() -> None:
    spans = {incoming(outgoing(None, ""))[1].traceparent for _ in range(50)}

    assert len(spans) == 50
    assert {span[:36] + span[52:] for span in spans} == {TRACE[:36] + TRACE[52:]}
    assert TRACE not in spans


def test_outside_of_an_invocation_a_new_correlation_starts() -> None:
    first, second = (incoming(outgoing(None, "text/plain; charset=utf-8"))[1] for _ in range(2))

    assert len(first.correlation_id) == 32
    assert first.correlation_id != second.correlation_id
    assert first.traceparent == ""
    assert first.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["isthmus-correlation-id", "Isthmus-Anything", "isthmus-"])
def test_a_reserved_attribute_is_refused(name: str) -> None:
    with pytest.raises(InvalidValueError, match="reserved; choose another"):
        outgoing({name: "x"}, "")


def test_a_users_attributes_are_not_changed_in_place() -> None:
    mine = {"type": "a"}
    outgoing(mine, "")

    assert mine == {"type": "a"}


def test_a_message_without_an_envelope_has_an_empty_one() -> None:
    attributes, envelope = incoming({"type": "a"})

    assert attributes == {"type": "a"}
    assert (envelope.correlation_id, envelope.traceparent, envelope.content_type) == ("", "", "")
    assert incoming(None)[0] == {}
    assert repr(Envelope()) == "<Envelope (no id) >"


@pytest.mark.parametrize("value", ["", "x" * 129, "a b", "a\r\nset-cookie: x", "é", "a\x00", "\x7f"])
def test_a_correlation_id_that_is_not_sane_is_not_taken(value: str) -> None:
    assert from_headers(Headers([("X-Correlation-Id", value)])).correlation_id == ""
    assert incoming({"isthmus-correlation-id": value})[1].correlation_id == ""


def test_a_sane_correlation_id_and_a_valid_trace_are_taken_from_headers() -> None:
    envelope = from_headers(Headers([("X-Correlation-ID", "x" * 128), ("Traceparent", TRACE)]))

    assert envelope.correlation_id == "x" * 128
    assert envelope.traceparent == TRACE
    assert envelope.content_type == ""


def test_headers_that_came_twice_are_not_taken() -> None:
    envelope = from_headers(
        Headers([("x-correlation-id", "a"), ("x-correlation-id", "b"), ("traceparent", TRACE), ("traceparent", TRACE)])
    )

    assert envelope.correlation_id == ""
    assert envelope.traceparent == ""


@pytest.mark.parametrize(
    "value",
    [
        "",
        "00",
        TRACE.upper(),
        "ff" + TRACE[2:],
        TRACE + "-00",
        TRACE + "x",
        TRACE[:-1],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        TRACE.replace("-", "_"),
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        "g0" + TRACE[2:],
        f"{TRACE}, {TRACE}",
    ],
)
def test_an_invalid_traceparent_is_dropped(value: str) -> None:
    assert valid_traceparent(value) == ""
    assert child(value) == ""


def test_a_traceparent_of_a_later_version_is_reduced_to_what_is_known() -> None:
    assert valid_traceparent("cc" + TRACE[2:] + "-later") == TRACE
    assert valid_traceparent("cc" + TRACE[2:]) == TRACE


@given(st.text() | st.none() | st.integers())
def test_nothing_that_a_client_sends_raises(value: object) -> None:
    assert valid_traceparent(value) == ""
    incoming({"isthmus-correlation-id": value, "isthmus-traceparent": value, "isthmus-content-type": value})


def test_ids_are_32_digits_and_do_not_repeat() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert int(new_id(), 16) >= 0
