"""https://cloud.google.com/firestore/docs/extend-with-functions-2nd-gen"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import errors, fails, library, together, types
from tests.emulators.gcp.firestore.process import ControlError, DocumentChange, Firestore


@pytest.fixture
def events(firestore: Firestore, own: str) -> Any:
    firestore.subscribe(own, "events")

    def changes(*, most: int = 100, wait: float = 0) -> list[DocumentChange]:
        return firestore.changes(own, "events", most=most, wait=wait)

    return changes


def decoded(change: DocumentChange) -> dict[int, bytes]:
    """Return the fields of `DocumentEventData` by number, read by nothing but the wire format."""
    fields: dict[int, bytes] = {}
    rest = change.data
    while rest:
        tag, rest = _varint(rest)
        length, rest = _varint(rest)
        assert tag & 7 == 2
        fields[tag >> 3], rest = rest[:length], rest[length:]
    return fields


def _varint(data: bytes) -> tuple[int, bytes]:
    value = shift = 0
    for place, byte in enumerate(data):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, data[place + 1 :]
    raise ValueError(data)


def document(body: bytes) -> Any:
    return types.Document.pb().FromString(body)


def test_a_new_document_is_told_of_with_its_value(own: str, own_db: Any, events: Any) -> None:
    own_db.document("letters/a").set({"n": 1})

    (change,) = events()
    data = decoded(change)

    assert (change.kind, change.database, change.document) == ("created", own, "letters/a")
    assert sorted(data) == [1]
    assert document(data[1]).name == f"{own}/documents/letters/a"
    assert document(data[1]).fields["n"].integer_value == 1


def test_an_update_is_told_of_with_both_values_and_the_paths_that_changed(own_db: Any, events: Any) -> None:
    letter = own_db.document("letters/a")
    letter.set({"n": 1, "same": 1, "m": {"x": 1, "y": 1}, "gone-now": 1})
    letter.set({"n": 2, "same": 1, "m": {"x": 2, "y": 1}})

    change = events()[1]
    data = decoded(change)

    assert change.kind == "updated"
    assert document(data[1]).fields["n"].integer_value == 2
    assert document(data[2]).fields["n"].integer_value == 1
    assert _paths(data[3]) == ["`gone-now`", "m.x", "n"]


def test_a_deletion_is_told_of_with_the_old_value(own_db: Any, events: Any) -> None:
    letter = own_db.document("letters/a")
    letter.set({"n": 1})
    letter.delete()

    change = events()[1]
    data = decoded(change)

    assert change.kind == "deleted"
    assert sorted(data) == [2]
    assert document(data[2]).fields["n"].integer_value == 1


def test_a_change_has_the_time_of_the_update_and_an_id_of_its_own(own_db: Any, events: Any) -> None:
    times = [own_db.document(f"letters/{name}").set({}).update_time for name in "ab"]

    changes = events()

    assert [change.time for change in changes] == [round(time.timestamp() * 1_000_000) for time in times]
    assert len({change.id for change in changes}) == 2


def test_a_write_that_changes_nothing_is_no_change(own_db: Any, events: Any) -> None:
    own_db.document("letters/a").set({"n": 1})
    own_db.document("letters/a").set({"n": 1})
    own_db.document("letters/b").delete()

    assert len(events()) == 1


def test_a_write_that_fails_is_no_change(own_db: Any, events: Any) -> None:
    with fails(errors.NotFound):
        own_db.document("letters/a").update({"n": 1})

    assert events() == []


def test_changes_come_in_order_and_stay_until_they_are_acknowledged(
    firestore: Firestore, own: str, own_db: Any, events: Any
) -> None:
    for number in range(10):
        own_db.document("letters/a").set({"n": number})
    first = events(most=3)
    again = events(most=3)

    firestore.acknowledge(own, "events", first[:2])

    assert again == first
    assert len(first) == 3
    assert events(most=1) == first[2:]
    assert [change.time for change in events()] == sorted(change.time for change in events())
    assert len(events()) == 8


def test_a_change_acknowledged_twice_is_acknowledged(firestore: Firestore, own: str, own_db: Any, events: Any) -> None:
    own_db.document("letters/a").set({})
    (change,) = events()
    for _ in range(2):
        firestore.acknowledge(own, "events", [change])

    assert events() == []


def test_nothing_is_lost_while_nobody_asks(firestore: Firestore, own: str, own_db: Any, events: Any) -> None:
    letter = own_db.document("letters/a")
    letter.set({"n": 0})
    together(10, 100, lambda _: letter.update({"n": library.Increment(1)}))
    firestore.subscribe(own, "events")  # whoever comes back subscribes again

    values = [document(decoded(change)[1]).fields["n"].integer_value for change in events(most=1000)]

    assert values == list(range(101))


def test_the_writes_of_a_commit_are_changes_of_one_time(own_db: Any, events: Any) -> None:
    batch = own_db.batch()
    for name in "ab":
        batch.set(own_db.document(f"letters/{name}"), {})
    batch.commit()

    assert len({change.time for change in events()}) == 1
    assert len(events()) == 2


def test_two_subscriptions_are_apart(firestore: Firestore, own: str, own_db: Any, events: Any) -> None:
    firestore.subscribe(own, "others")
    own_db.document("letters/a").set({})
    firestore.acknowledge(own, "others", firestore.changes(own, "others"))

    assert len(events()) == 1


def test_databases_are_apart(db: Any, letter: Any, events: Any) -> None:
    letter.set({})

    assert events() == []


def test_a_subscription_begins_when_it_is_made(firestore: Firestore, own: str, own_db: Any) -> None:
    own_db.document("letters/a").set({})
    firestore.subscribe(own, "late")

    assert firestore.changes(own, "late") == []


def test_one_can_wait_for_a_change(own_db: Any, events: Any) -> None:
    timer = threading.Timer(0.2, own_db.document("letters/a").set, [{}])
    timer.start()

    began = time.monotonic()
    changes = events(wait=10)

    assert len(changes) == 1
    assert time.monotonic() - began < 5
    timer.join()


def test_one_waits_no_longer_than_one_says(events: Any) -> None:
    assert events(wait=0.1) == []


def test_a_subscription_that_is_none_is_named(firestore: Firestore, own: str) -> None:
    with pytest.raises(ControlError, match="no subscription nobody"):
        firestore.changes(own, "nobody")
    with pytest.raises(ControlError, match="no subscription nobody"):
        firestore.acknowledge(own, "nobody", [])


def test_a_subscription_can_be_forgotten(firestore: Firestore, own: str, events: Any) -> None:
    firestore.unsubscribe(own, "events")

    with pytest.raises(ControlError, match="no subscription"):
        events()


def _paths(mask: bytes) -> list[str]:
    """Read a message whose field 1 is a list of strings: a mask of documents is one too."""
    return list(types.DocumentMask.deserialize(mask).field_paths)
