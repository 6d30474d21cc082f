"""Whose event it is: declared sources alone, whatever a body or its headers claim."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus_gcp.events.arrival import Arrivals
from isthmus_gcp.events.posted import Posted
from tests.gcp.events.recorded import (
    AUDIT_EVENT,
    DOCUMENT_EVENT,
    INBOX,
    KINDS,
    LEGACY_MESSAGE,
    LEGACY_OBJECT,
    PUBLISHED_EVENT,
    STORAGE_EVENT,
    TABLE,
    arrived,
    binary,
    function,
    only,
    request,
    structured,
)
from tests.gcp.serving import pushed

ASYNCHRONOUS = [kind for kind in KINDS if kind != "task"]


def forged(kind: str) -> dict[str, Posted]:
    """Return an event of a kind, in every form that it comes in."""
    found = {
        "wrapped": request(pushed({}, subscription=f"of-{kind}")),
        "unwrapped": request(
            b"{}", x_goog_pubsub_subscription_name=f"projects/p/subscriptions/of-{kind}", x_goog_pubsub_message_id="1"
        ),
        "inbox": request(pushed({}, subscription=INBOX, attributes={"isthmus-source": f"of-{kind}"})),
        "called": request({}, isthmus_source=f"of-{kind}"),
    }
    events = {"bucket": STORAGE_EVENT, "table": DOCUMENT_EVENT, "topic": PUBLISHED_EVENT, "task": AUDIT_EVENT}
    legacy: dict[str, Any] = {"bucket": LEGACY_OBJECT, "topic": LEGACY_MESSAGE}
    if kind in events:
        found |= {"binary": binary(events[kind]), "structured": structured(events[kind])}
    return found | ({"legacy": request(legacy[kind])} if kind in legacy else {})


@pytest.mark.parametrize("form", sorted({form for kind in KINDS for form in forged(kind)}))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("taken", ASYNCHRONOUS)
def test_an_event_of_a_kind_that_is_not_declared_is_refused(kind: str, taken: str, form: str) -> None:
    sent = forged(kind).get(form)
    if kind == taken or sent is None:
        return

    with pytest.raises(BadEventError, match=f"function 'Tested' takes {taken} events"):
        Arrivals(function(taken), INBOX).of_request(sent)


@pytest.mark.parametrize("form", sorted({form for kind in KINDS for form in forged(kind)}))
@pytest.mark.parametrize("kind", ASYNCHRONOUS)
def test_an_event_of_no_declared_source_is_no_event_to_a_function_that_is_called(kind: str, form: str) -> None:
    sent = forged(kind).get(form)
    if sent is None:
        return
    arrivals = Arrivals(function("task", sources={}), "")

    try:
        assert arrivals.of_request(sent) is None  # it is a payload, and nothing else
    except BadEventError:
        assert form not in ("wrapped", "legacy", "inbox")


def test_a_caller_who_says_so_calls_whatever_the_body_looks_like() -> None:
    arrivals = Arrivals(function("task", "queue"), INBOX)
    body = pushed({}, subscription="of-queue")

    assert arrivals.of_request(request(body, isthmus_call="1")) is None
    assert arrivals.of_request(request(body)) is not None


def test_a_call_is_nothing_to_a_function_that_takes_none() -> None:
    with pytest.raises(BadEventError, match="no push of Pub/Sub"):
        Arrivals(function("queue"), INBOX).of_request(request({}, isthmus_call="1"))


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-00f067aa0ba902b74bf92f3577b34da6-00f067aa0ba902b7-00"
OWN = pushed({}, subscription="of-queue", attributes={"isthmus-traceparent": TRACE})


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (
            request(pushed({}, subscription="of-queue", attributes={"isthmus-traceparent": TRACE}), traceparent=OTHER),
            "queue",
        ),
        (request(pushed({}, subscription="of-queue"), traceparent=TRACE), "queue"),
        (binary({**STORAGE_EVENT, "traceparent": TRACE}), "bucket"),
        (request({}, isthmus_source="of-schedule", traceparent=TRACE), "schedule"),
        (request({}, isthmus_source="of-task", traceparent=TRACE), "task"),
    ],
)
def test_the_trace_is_the_messages_own_or_that_of_its_event_or_request(sent: Posted, kind: str) -> None:
    assert arrived(sent, kind).envelope.traceparent == TRACE


def test_a_trace_that_is_none_is_none() -> None:
    assert arrived(request(pushed({}, subscription="of-queue"), traceparent="00-1")).envelope.traceparent == ""


def test_a_message_of_the_inbox_is_the_event_that_it_was() -> None:
    attributes = {"isthmus-source": "of-schedule", "isthmus-due": "2026-01-01T00:00:00Z", "isthmus-id": "first"}
    body = pushed({"a": 1}, subscription=INBOX, attempt=1, attributes=attributes)

    record = arrived(request(body))

    tick = only(record)
    assert (tick.schedule, tick.payload, tick.due, tick.attempt) == ("TheSchedule", {"a": 1}, 1767225600.0, 2)
    assert (record.way, record.origin, record.id) == ("message", "of-schedule", "first")


@pytest.mark.parametrize("named", ["", "of-nothing", INBOX])
def test_a_message_of_the_inbox_that_names_no_source_is_refused(named: str) -> None:
    with pytest.raises(BadEventError, match="no source of the function"):
        arrived(request(pushed({}, subscription=INBOX, attributes={"isthmus-source": named})))


def test_nobody_has_an_inbox_without_a_name() -> None:
    body = {**pushed({}, attributes={"isthmus-source": "of-queue"}), "subscription": ""}

    with pytest.raises(BadEventError, match="no source of the function"):
        Arrivals(function("queue"), "").of_request(request(body))


@pytest.mark.parametrize("mode", [binary, structured])
def test_a_change_is_of_the_table_that_its_document_names(mode: Any) -> None:
    record = arrived(mode(DOCUMENT_EVENT), "table")

    assert (record.origin, record.source.name, record.way) == (TABLE, "Orders", "call")
    assert only(record).table == "Orders"


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "documents/Others/one"},
        {"source": "//firestore.googleapis.com/projects/isthmus/databases/other"},
        {"database": "other"},
        {"document": "Others/one"},
        {"source": "//firestore.googleapis.com/projects/isthmus"},
        {"subject": ""},
    ],
)
def test_a_change_of_another_table_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(BadEventError):
        arrived(binary({**DOCUMENT_EVENT, **changed}), "table")


def test_an_event_of_the_audit_log_is_left_raw_for_a_function_that_is_called() -> None:
    record = arrived(structured(AUDIT_EVENT), "task")

    assert only(record) == AUDIT_EVENT
    assert record.way == "foreign"


def test_a_message_of_somebodys_own_trigger_is_one_of_its_topic() -> None:
    record = arrived(binary(PUBLISHED_EVENT), "topic")

    assert (only(record).text(), record.source.name, record.way) == ("test", "news", "foreign")


def test_a_message_of_a_declared_subscription_may_come_in_an_event() -> None:
    data: Any = PUBLISHED_EVENT["data"]
    sent = {**PUBLISHED_EVENT, "data": {**data, "subscription": "projects/p/subscriptions/of-queue"}}

    record = arrived(binary(sent), "queue")

    assert (only(record).source, record.way) == ("TheQueue", "message")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (request(b"{}", content_type="text/plain"), "text/plain, where JSON is expected"),
        (request(b"a=b", content_type="application/x-www-form-urlencoded"), "where JSON is expected"),
        (request(b"{", content_type="application/json"), "not JSON"),
        (request(b"\xff\xfe\x00", content_type="application/json"), "not JSON"),
        (request(b""), "not JSON"),
        (request([]), "no push of Pub/Sub"),
        (request(7), "no push of Pub/Sub"),
        (request({"message": [], "subscription": "of-queue"}), "no push of Pub/Sub"),
        (request({"message": {"data": ""}, "subscription": "of-queue"}), "which is none"),
        (request(pushed({}, subscription="of-queue", data="!")), "Error"),
        (request(pushed({}, subscription="of-queue", data=7)), "no text"),
        (request(pushed({}, subscription="of-queue", attributes=[1])), "no object of texts"),
        (request(pushed({}, subscription="of-queue", attributes={"a": 1})), "no object of texts"),
        (request({**pushed({}, subscription="of-queue"), "deliveryAttempt": "3"}), "no count"),
        (request({**pushed({}, subscription="of-queue"), "deliveryAttempt": -1}), "no count"),
        (request({**pushed({}, subscription="of-queue"), "deliveryAttempt": True}), "no count"),
        (request({**pushed({}, subscription="of-queue"), "deliveryAttempt": 1e9}), "no count"),
        (request(pushed({}, subscription="of-queue", orderingKey=7)), "no text"),
        (request({}, isthmus_source="of-queue"), "calls nobody"),
        (request({}, isthmus_source="of-nothing"), "no source of the function"),
        (request(b"{}", x_goog_pubsub_subscription_name="of-queue"), "which is none"),
        (request(b"{}", ce_id="1"), "specversion"),
        (request(b"{}", ce_source="1"), "specversion"),
        (binary({**PUBLISHED_EVENT, "data": []}), "TypeError"),
        (binary({**STORAGE_EVENT, "data": []}), "describes an object"),
        (binary({**STORAGE_EVENT, "datacontenttype": "text/plain"}), "where JSON is expected"),
    ],
)
def test_what_is_malformed_is_refused_with_a_reason(sent: Posted, why: str) -> None:
    with pytest.raises(BadEventError, match=why):
        Arrivals(function(*ASYNCHRONOUS), INBOX).of_request(sent)


def test_a_message_whose_pieces_make_no_sense_is_malformed_alone() -> None:
    body = pushed({}, subscription="of-queue", attributes={"isthmus-long.0": "{"})

    (event,) = arrived(request(body), "queue").events
    assert isinstance(event, Malformed)


def test_the_body_may_be_large() -> None:
    body = pushed(b"x" * 10_000_000, subscription="of-queue")

    assert len(only(arrived(request(json.dumps(body).encode()), "queue")).body) == 10_000_000
