"""Documents in protobuf and in JSON: read as Google's own library reads them, and refused where they are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import BadEventError
from isthmus_gcp import document_values
from isthmus_gcp.events import change, documents_json, documents_protobuf
from isthmus_gcp.events.faults import MISSHAPEN
from tests.emulators.gcp.firestore.event_data import event_class
from tests.gcp.events.changed import SOURCE, protobuf, recorded

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.binary(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.é", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
images = st.none() | st.dictionaries(st.text("abc", min_size=1, max_size=3), values, max_size=4)


def data_of(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Any:
    """Return an event's data as Google's own library makes it."""
    data: Any = event_class()()
    for message, fields in ((data.old_value, old), (data.value, new)):
        if fields is not None:
            message.name = "projects/p/databases/d/documents/Orders/a"
            message.update_time.FromMicroseconds(1_700_000_000_123_456)
            message.create_time.FromMicroseconds(-5)
            document_values.write(message.fields, fields)
            message.fields["where"].geo_point_value.latitude = -1.5
            message.fields["when"].timestamp_value.FromMicroseconds(-1_500_000)
            message.fields["who"].reference_value = "projects/p"
    data.update_mask.field_paths.append("a.b")
    return data


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(old=images, new=images)
def test_what_google_writes_is_read_as_google_reads_it(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> None:
    data = data_of(old, new)
    expected = [
        None if fields is None else document_values.read(message.fields)
        for message, fields in ((data.old_value, old), (data.value, new))
    ]
    to_json: Any = import_module("google.protobuf.json_format").MessageToJson
    found = documents_protobuf.images(data.SerializeToString())
    in_json = documents_json.images(json.loads(to_json(data)))

    assert [image and image.fields for image in found] == expected
    assert [image and image.fields for image in in_json] == expected
    assert all(image.updated == 1_700_000_000_123_456 for image in (*found, *in_json) if image)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_garbage_is_refused_and_never_half_read(seed: int) -> None:
    random = Random(seed)
    sound = data_of({"a": [1, {"b": b"x"}, "text"]}, {"a": {"c": [None, True, 1.5]}}).SerializeToString()
    for _ in range(50):
        broken = bytearray(sound)
        for _ in range(random.randint(1, 4)):
            broken[random.randrange(len(broken))] = random.randrange(256)
        cut = bytes(broken[: random.randint(0, len(broken))])
        for data in (bytes(broken), cut, random.randbytes(random.randint(0, 60))):
            try:
                documents_protobuf.images(data)
            except MISSHAPEN:
                continue


def test_every_message_that_breaks_off_is_refused_or_shorter() -> None:
    sound = data_of({"a": "b"}, {"a": [1, 2, {"c": "d"}]}).SerializeToString()
    parse: Any = event_class()
    for length in range(len(sound)):
        try:
            expected: Any = parse.FromString(sound[:length])
        except Exception:  # what Google's own library refuses
            with pytest.raises(MISSHAPEN):
                documents_protobuf.images(sound[:length])
        else:
            found = documents_protobuf.images(sound[:length])[1]
            assert (found.fields if found else {}) == document_values.read(expected.value.fields)


@pytest.mark.parametrize(
    "data",
    [
        b"\x0b\x0c",
        b"\x0a",
        b"\x0a\x05ab",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x02\x00",
        b"\x08\x01",
        b"\x0a\x03\x0a\x01\xff",
        b"\x80",
    ],
)
def test_what_is_no_message_is_a_bad_event(data: bytes) -> None:
    with pytest.raises(MISSHAPEN):
        change.of_cloud_event(protobuf(data), SOURCE, 1)


def test_a_value_nested_without_end_is_a_bad_event() -> None:
    value = b""
    for _ in range(5000):
        array = b"\x0a" + _length(value) + value
        value = b"\x4a" + _length(array) + array
    entry = b"\x0a\x01a\x12" + _length(value) + value
    document = b"\x0a\x01n\x12" + _length(entry) + entry
    inner: Any = {"integerValue": "1"}
    for _ in range(300):
        inner = {"arrayValue": {"values": [inner]}}

    with pytest.raises(BadEventError, match="deeper"):
        change.of_cloud_event(protobuf(b"\x0a" + _length(document) + document), SOURCE, 1)
    with pytest.raises(BadEventError, match="deeper"):
        change.of_cloud_event(recorded(value={"name": "a", "fields": {"a": inner}}), SOURCE, 1)


def _length(data: bytes) -> bytes:
    length, found = len(data), b""
    while length > 0x7F:
        found += bytes([length & 0x7F | 0x80])
        length >>= 7
    return found + bytes([length])


@pytest.mark.parametrize(
    "value",
    [
        [],
        "text",
        {"name": 5},
        {"name": "a", "fields": []},
        {"name": "a", "fields": {"a": 1}},
        {"name": "a", "fields": {"a": {}}},
        {"name": "a", "fields": {"a": {"stringValue": 5}}},
        {"name": "a", "fields": {"a": {"stringValue": "a", "nullValue": None}}},
        {"name": "a", "fields": {"a": {"integerValue": "one"}}},
        {"name": "a", "fields": {"a": {"integerValue": 1.5}}},
        {"name": "a", "fields": {"a": {"booleanValue": "true"}}},
        {"name": "a", "fields": {"a": {"bytesValue": "!"}}},
        {"name": "a", "fields": {"a": {"arrayValue": {"values": {}}}}},
        {"name": "a", "fields": {"a": {"mapValue": {"fields": [1]}}}},
        {"name": "a", "fields": {"a": {"timestampValue": "noon"}}},
        {"name": "a", "fields": {"a": {"geoPointValue": 5}}},
        {"name": "a", "fields": {"a": {"inventedValue": 5}}},
        {"name": "a", "updateTime": "yesterday"},
        {"name": "a", "fields": {"_packed": {"bytesValue": "AAAA"}}},
    ],
    ids=json.dumps,
)
def test_a_document_in_json_that_is_none_is_a_bad_event(value: Any) -> None:
    with pytest.raises(MISSHAPEN):
        change.of_cloud_event(recorded(value=value), SOURCE, 1)
