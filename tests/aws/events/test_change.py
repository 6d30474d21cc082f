"""Records of tables' streams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws import wire
from tests.aws.events.recorded import event, events, read

TABLE = "orders-dev-Orders-1a2b3c4d"


def changed(index: int, **changes: Any) -> Any:
    """Return an event of one record, with members changed; one that is None is taken away."""
    record = event("dynamodb")["Records"][index]
    for name, value in changes.items():
        inner = record if name in record or name == "userIdentity" else record["dynamodb"]
        inner[name] = value
        if value is None:
            del inner[name]
    return {"Records": [record]}


def test_an_item_that_was_inserted() -> None:
    change = events(event("dynamodb"), sources={TABLE: Source("table", "Orders")})[0]

    assert (change.kind, change.table, change.key) == ("INSERT", "Orders", {"id": "o-1", "line": 101})
    assert (change.old, change.expired) == (None, False)
    assert (change.version, change.at) == ("4421584500000000017450439091".zfill(40), 1480642020.0)
    assert change.id == "c4ca4238a0b923820dcc509a6f75849b"
    assert change.new == {
        "id": "o-1",
        "line": 101,
        "text": "Zoë",
        "price": 12.5,
        "most": 2**63 - 1,
        "beyond": float(2**63),
        "paid": True,
        "note": None,
        "data": b"\x00\x01*A",
        "tags": ["a", "b"],
        "sizes": [1, 2.5],
        "parts": [b"\x00\x01*A", b"\x00\x01*B"],
        "address": {"street": "x", "floors": [1, None]},
        "empty": {},
    }


def test_an_item_that_was_modified_has_both_images() -> None:
    change = events(event("dynamodb"))[1]

    assert change.old == {"id": "o-1", "line": 101, "text": "old"}
    assert change.new == {"id": "o-1", "line": 101, "text": "new"}
    assert change.version > events(event("dynamodb"))[0].version


def test_an_item_that_has_expired_says_so() -> None:
    change = events(event("dynamodb"))[2]

    assert (change.kind, change.new, change.expired) == ("REMOVE", None, True)


@pytest.mark.parametrize("who", [None, {"type": "Service", "principalId": "other.amazonaws.com"}])
def test_an_item_that_somebody_removed_has_not_expired(who: Any) -> None:
    (change,) = events(changed(2, userIdentity=who))

    assert change.expired is False


def test_the_envelope_of_a_write_rides_with_it_alone() -> None:
    inserted, modified, removed = read(event("dynamodb")).records

    assert inserted.envelope.correlation_id == "look-me-up"
    assert modified.envelope.correlation_id == removed.envelope.correlation_id == ""


@pytest.mark.parametrize("carried", [{"S": "no JSON"}, {"N": "5"}, {"S": "[]"}, {"M": {}}])
def test_an_envelope_that_makes_no_sense_is_left_out(carried: Any) -> None:
    sent = changed(0)
    sent["Records"][0]["dynamodb"]["NewImage"]["isthmus-envelope"] = carried

    (record,) = read(sent).records

    assert record.envelope.correlation_id == ""
    assert "isthmus-envelope" not in record.events[0].new


def test_an_image_that_the_stream_leaves_out_is_none() -> None:
    (change,) = events(changed(1, NewImage=None, OldImage=None, StreamViewType="KEYS_ONLY"))

    assert (change.kind, change.old, change.new) == ("MODIFY", None, None)
    assert change.key == {"id": "o-1", "line": 101}


def test_a_record_is_named_by_its_sequence_number() -> None:
    ids = [record.id for record in read(event("dynamodb")).records]

    assert ids == [f"442158450000000001745043909{digit}" for digit in (1, 2, 3)]


@pytest.mark.parametrize(
    "change",
    [
        {"eventName": "UPSERT"},
        {"Keys": None},
        {"Keys": []},
        {"SequenceNumber": "first"},
        {"NewImage": {"id": "o-1"}},
        {"NewImage": {"id": {"S": "o-1", "N": "1"}}},
        {"NewImage": {"id": {"X": "o-1"}}},
        {"NewImage": {"id": {}}},
        {"OldImage": {"id": {"N": "NaN"}}},
        {"OldImage": {"id": {"B": "no base64"}}},
        {"OldImage": 5},
        {"ApproximateCreationDateTime": "noon"},
        {"userIdentity": {"type": "Service"}, "eventName": "REMOVE"},
    ],
)
def test_a_record_that_cannot_be_read_fails_alone(change: dict[str, Any]) -> None:
    sent = changed(1, **change)
    sent["Records"].append(event("dynamodb")["Records"][2])

    first, second = events(sent)

    assert isinstance(first, Malformed)
    assert second.kind == "REMOVE"


def traced(new: dict[str, Any], old: dict[str, Any]) -> Any:
    """Return an event of an item that was written twice by functions, of which each left its envelope in it."""
    first, second = ({"S": json.dumps({"isthmus-correlation-id": name})} for name in ("first", "second"))
    new, old = {**new, wire.ENVELOPE: second}, {**old, wire.ENVELOPE: first}
    return changed(1, NewImage=new, OldImage=old)


def test_an_item_that_was_written_as_it_was_has_not_changed() -> None:
    same = {"id": {"S": "o-1"}, "line": {"N": "101"}}

    assert events(traced(same, same)) == []


def test_an_item_that_is_alike_in_python_only_has_changed() -> None:
    (change,) = events(traced({"id": {"S": "o-1"}, "paid": {"BOOL": True}}, {"id": {"S": "o-1"}, "paid": {"N": "1"}}))

    assert (change.old["paid"], change.new["paid"]) == (1, True)
    assert wire.ENVELOPE not in {**change.old, **change.new}
