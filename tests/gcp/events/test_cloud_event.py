"""CloudEvents by the specification, against Google's data and the reference library."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus_gcp.events.cloud_event import CloudEvent, cloud_event
from isthmus_gcp.events.posted import Posted
from tests.gcp.events.recorded import AUDIT_EVENT, STORAGE_EVENT, binary, headers, request, structured


def given(event: CloudEvent) -> dict[str, Any]:
    return {"data": event.json(), **event.attributes}


@pytest.mark.parametrize("mode", [binary, structured])
@pytest.mark.parametrize("sent", [STORAGE_EVENT, AUDIT_EVENT, {**STORAGE_EVENT, "traceparent": "x", "my1": "y"}])
def test_an_event_is_alike_in_both_modes(mode: Any, sent: dict[str, Any]) -> None:
    assert given(cloud_event(mode(sent))) == sent


@pytest.mark.parametrize("mode", ["to_binary", "to_structured"])
def test_what_the_reference_library_writes_is_read(mode: str) -> None:
    write: Any = getattr(import_module("cloudevents.conversion"), mode)
    reference: Any = import_module("cloudevents.http").CloudEvent
    attributes = {"type": "a.b", "source": "/somewhere", "subject": "x", "myext": "yes", "id": "1"}
    told, body = write(reference(attributes, {"a": [1, "é"]}))

    event = cloud_event(Posted(headers(told), body))

    assert event.json() == {"a": [1, "é"]}
    assert attributes.items() <= dict(event.attributes).items()


def test_a_binary_event_keeps_the_bytes_of_its_data() -> None:
    posted = request(b"\x00\xff", content_type="application/protobuf", ce_specversion="1.0", ce_id="1", ce_type="t")
    posted = Posted({**posted.headers, "HTTP_CE_SOURCE": "/s"}, posted.body)

    event = cloud_event(posted)

    assert (event.data, event.media_type) == (b"\x00\xff", "application/protobuf")
    with pytest.raises(BadEventError, match=r"application/protobuf, where JSON is expected"):
        event.json()


def test_data_in_base64_is_bytes_and_comes_back_so() -> None:
    document = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data_base64": "AP8="}

    event = cloud_event(structured(document))

    assert event.data == b"\x00\xff"
    assert event.document() == document


@pytest.mark.parametrize("data", [None, "text", 0, [], {"a": 1}])
def test_the_document_of_an_event_is_its_structured_mode(data: Any) -> None:
    document = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": data}

    again = cloud_event(structured(document)).document()

    assert again == {name: value for name, value in document.items() if value is not None}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("a%20b", "a b"), ("%E2%82%AC", "€"), ('"a %22b%22"', 'a "b"'), (r'"a \"b\""', 'a "b"'), ("100%", "100%")],
)
def test_a_header_is_decoded_once(written: str, meant: str) -> None:
    event = cloud_event(request(b"", ce_specversion="1.0", ce_id="1", ce_type="t", ce_source="/s", ce_subject=written))

    assert event.subject == meant


def test_attributes_may_be_booleans_and_whole_numbers() -> None:
    document = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "flag": True, "count": 3, "none": None}

    event = cloud_event(structured(document))

    assert (event.attributes["flag"], event.attributes["count"], "none" in event.attributes) == ("true", "3", False)


@pytest.mark.parametrize("missing", ["id", "source", "type", "specversion"])
@pytest.mark.parametrize("mode", [binary, structured])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_half_an_event_is_refused_by_what_is_missing(missing: str, mode: Any, how: str) -> None:
    kept = {name: value for name, value in STORAGE_EVENT.items() if name != missing}
    half: dict[str, Any] = kept if how == "missing" else {**STORAGE_EVENT, missing: ""}

    with pytest.raises(BadEventError, match=missing):
        cloud_event(mode(half))


@pytest.mark.parametrize(
    ("posted", "why"),
    [
        (request(b"[]", content_type="application/cloudevents+json"), "an object, not list"),
        (request(b"{", content_type="application/cloudevents+json"), "not JSON"),
        (request(b"\xff", content_type="application/cloudevents+json"), "not JSON"),
        (request(b"[" * 100_000, content_type="application/cloudevents+json"), "not JSON"),
        (request(b"[]", content_type="application/cloudevents-batch+json"), "not as"),
        (request(b"x", content_type="application/cloudevents+avro"), "not as"),
        (structured({**STORAGE_EVENT, "specversion": "0.3"}), "specversion"),
        (structured({**STORAGE_EVENT, "id": 7, "type": []}), "'type'"),
        (structured({**STORAGE_EVENT, "data_base64": "AA=="}), "not both"),
        (structured({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data_base64": "!"}), "not base64"),
        (structured({"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data_base64": 7}), "no text"),
        (structured({**STORAGE_EVENT, "ext": 1.5}), "'ext'"),
        (binary({**STORAGE_EVENT, "subject": "%ff"}), "not UTF-8"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(posted: Posted, why: str) -> None:
    with pytest.raises(BadEventError, match=why):
        cloud_event(posted)


def test_data_that_is_no_json_is_refused_when_it_is_read() -> None:
    event = cloud_event(Posted({**binary(STORAGE_EVENT).headers}, b"{"))

    with pytest.raises(BadEventError, match="not JSON"):
        event.json()


def test_json_may_be_of_any_of_its_encodings() -> None:
    body = b"\xef\xbb\xbf" + json.dumps(STORAGE_EVENT).encode()

    assert cloud_event(Posted({"CONTENT_TYPE": "application/cloudevents+json"}, body)).id == STORAGE_EVENT["id"]
