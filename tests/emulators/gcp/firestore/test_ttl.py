"""https://cloud.google.com/firestore/docs/ttl"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import begun, ids
from tests.emulators.gcp.firestore.process import ControlError, Firestore, running

OVER = datetime.now(UTC) - timedelta(hours=1)
LATER = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture
def sessions(firestore: Firestore, own: str, own_db: Any) -> Any:
    firestore.set_field(own, "sessions", "expires", ttl=True)
    return own_db.collection("sessions")


def test_what_is_over_stays_until_the_next_sweep(sessions: Any) -> None:
    sessions.document("a").set({"expires": OVER})

    assert sessions.document("a").get().exists
    assert ids(sessions) == ["a"]


def test_a_sweep_deletes_what_is_over(firestore: Firestore, sessions: Any) -> None:
    sessions.document("a").set({"expires": OVER})
    sessions.document("b").set({"expires": LATER})

    assert firestore.sweep() == 1
    assert ids(sessions) == ["b"]


def test_a_sweep_comes_by_itself() -> None:
    with running("--ttl-seconds", "0.2") as server:
        name = server.create_database("tests")
        server.set_field(name, "sessions", "expires", ttl=True)
        letter = server.client("tests").document("sessions/a")
        letter.set({"expires": OVER})
        limit = time.monotonic() + 20
        while letter.get().exists and time.monotonic() < limit:
            time.sleep(0.05)

        assert not letter.get().exists


@pytest.mark.parametrize("value", [None, 0, OVER.isoformat(), [OVER], {"at": OVER}], ids=repr)
def test_only_a_timestamp_counts(firestore: Firestore, sessions: Any, value: object) -> None:
    sessions.document("a").set({"expires": value})
    sessions.document("b").set({})

    firestore.sweep()

    assert ids(sessions) == ["a", "b"]


def test_other_collections_are_left_alone(firestore: Firestore, sessions: Any, own_db: Any) -> None:
    letter = own_db.document("letters/a")
    letter.set({"expires": OVER})

    firestore.sweep()

    assert letter.get().exists


def test_all_collections_of_the_group_are_swept(firestore: Firestore, sessions: Any, own_db: Any) -> None:
    below = own_db.document("letters/a/sessions/b")
    below.set({"expires": OVER})

    firestore.sweep()

    assert not below.get().exists


def test_documents_below_one_that_is_over_stay(firestore: Firestore, sessions: Any) -> None:
    sessions.document("a").set({"expires": OVER})
    below = sessions.document("a").collection("s").document("b")
    below.set({})

    firestore.sweep()

    assert below.get().exists


def test_the_field_may_be_in_a_map(firestore: Firestore, own: str, own_db: Any) -> None:
    firestore.set_field(own, "letters", "meta.expires", ttl=True)
    own_db.document("letters/a").set({"meta": {"expires": OVER}})

    assert firestore.sweep() == 1


def test_an_offset_is_added(firestore: Firestore, own: str, own_db: Any) -> None:
    firestore.set_field(own, "letters", "at", ttl=True, ttl_offset=7200)
    own_db.document("letters/a").set({"at": OVER})

    assert firestore.sweep() == 0


def test_what_gets_more_time_while_the_sweep_waits_for_it_stays(
    firestore: Firestore, sessions: Any, own_db: Any
) -> None:
    session = sessions.document("a")
    session.set({"expires": OVER})
    transaction = begun(own_db)
    session.get(transaction=transaction)
    with ThreadPoolExecutor(1) as pool:
        sweep = pool.submit(firestore.sweep)
        time.sleep(0.2)
        transaction.update(session, {"expires": LATER})
        transaction._commit()

        assert sweep.result(20) == 0
    assert session.get().exists


def test_a_collection_group_has_one_such_field(firestore: Firestore, own: str, sessions: Any) -> None:
    with pytest.raises(ControlError, match="time-to-live field already"):
        firestore.set_field(own, "sessions", "another", ttl=True)


def test_without_the_configuration_nothing_is_deleted(firestore: Firestore, own: str, sessions: Any) -> None:
    sessions.document("a").set({"expires": OVER})
    firestore.delete_field(own, "sessions", "expires")

    assert firestore.sweep() == 0


def test_the_deletion_is_a_change_like_others(firestore: Firestore, own: str, sessions: Any) -> None:
    firestore.subscribe(own, "s")
    sessions.document("a").set({"expires": OVER})
    firestore.sweep()

    assert [(change.kind, change.is_by_system) for change in firestore.changes(own, "s")] == [
        ("created", False),
        ("deleted", True),
    ]
