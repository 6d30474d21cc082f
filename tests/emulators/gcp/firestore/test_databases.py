"""https://cloud.google.com/firestore/docs/manage-databases"""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import ASCENDING, errors, fails, ids
from tests.emulators.gcp.firestore.process import ControlError, Firestore, running


@pytest.mark.parametrize("database", ["(default)", "some-where"])
def test_a_database_that_was_not_created_is_not_found(firestore: Firestore, database: str) -> None:
    letter = firestore.client("nowhere", database).document("a/b")

    with fails(errors.NotFound, f"The database {database} does not exist for project nowhere"):
        letter.set({})
    with fails(errors.NotFound):
        letter.get()
    with fails(errors.NotFound):
        ids(letter.parent)


def test_databases_of_a_project_are_apart(firestore: Firestore) -> None:
    one, other = (firestore.create_database("apart", name) for name in ("(default)", "other-one"))
    letters = [firestore.client("apart", name.rpartition("/")[2]).document("a/b") for name in (one, other)]
    for place, letter in enumerate(letters):
        letter.set({"n": place})

    assert [letter.get().get("n") for letter in letters] == [0, 1]


def test_a_database_is_created_once(firestore: Firestore, own: str) -> None:
    with pytest.raises(ControlError) as caught:
        firestore.create_database("own", own.rpartition("/")[2])
    assert caught.value.status == "ALREADY_EXISTS"


@pytest.mark.parametrize("name", ["abc", "1abc", "a" * 64, "Abcd", "abc-", "ab_cd", "", "default"[:3]])
def test_a_database_needs_a_name_that_the_cloud_takes(firestore: Firestore, name: str) -> None:
    with pytest.raises(ControlError, match="no name for a database"):
        firestore.create_database("p", name)


def test_a_deleted_database_is_gone_with_its_documents(firestore: Firestore, own: str, own_db: Any) -> None:
    own_db.document("a/b").set({})
    firestore.delete_database(own)

    with fails(errors.NotFound):
        own_db.document("a/b").get()
    firestore.create_database("own", own.rpartition("/")[2])
    assert not own_db.document("a/b").get().exists


def test_a_protected_database_is_not_deleted(firestore: Firestore) -> None:
    name = firestore.create_database("p", "protected", delete_protection=True)
    with pytest.raises(ControlError, match="delete protection"):
        firestore.delete_database(name)

    firestore.update_database(name, delete_protection=False)
    firestore.delete_database(name)

    assert name not in firestore.databases()


def test_a_database_can_be_emptied_and_keeps_its_indexes(firestore: Firestore, own: str, own_db: Any) -> None:
    firestore.create_index(own, "c", [("a", ASCENDING), ("b", ASCENDING)])
    own_db.document("c/a").set({})

    firestore.clear(own)

    assert not own_db.document("c/a").get().exists
    assert len(firestore.indexes(own)) == 1


def test_a_reset_forgets_every_database() -> None:
    with running() as server:
        server.create_database("p")
        server.reset()

        assert server.databases() == []


@pytest.mark.parametrize("verb", ["_databases", "verb", "nothing", "__init__", ""])
def test_the_control_door_has_no_other_verbs(firestore: Firestore, verb: str) -> None:
    with pytest.raises(ControlError, match="no verb"):
        firestore.call(verb)


def test_the_control_door_names_what_is_wrong_with_a_request(firestore: Firestore) -> None:
    with pytest.raises(ControlError, match="missing 1 required positional argument"):
        firestore.call("delete_database")


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"null", b"\xff"])
def test_a_malformed_request_is_refused(firestore: Firestore, body: bytes) -> None:
    connection = HTTPConnection(firestore.control.removeprefix("http://"), timeout=10)
    connection.request("POST", "/databases", body)
    response = connection.getresponse()
    status, answer = response.status, json.loads(response.read())
    connection.close()

    assert (status, answer["status"]) == (400, "INVALID_ARGUMENT")
