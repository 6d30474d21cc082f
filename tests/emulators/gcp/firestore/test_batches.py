from __future__ import annotations

import os
from typing import Any

from tests.emulators.gcp.firestore.library import errors, fails, ids, library, types


def test_a_batch_writes_all(db: Any, letters: Any) -> None:
    batch = db.batch()
    for number in range(10):
        batch.set(letters.document(str(number)), {"n": number})

    results = batch.commit()

    assert len(results) == 10
    assert ids(letters) == list("0123456789")


def test_a_batch_that_fails_writes_nothing(db: Any, letters: Any) -> None:
    letters.document("there").set({"v": 0})
    batch = db.batch()
    batch.set(letters.document("new"), {"a": 1})
    batch.set(letters.document("there"), {"v": 1})
    batch.update(letters.document("missing"), {"a": 1})

    with fails(errors.NotFound):
        batch.commit()
    assert {found.id: found.to_dict() for found in letters.stream()} == {"there": {"v": 0}}


def test_a_batch_with_a_create_that_fails_writes_nothing(db: Any, letters: Any) -> None:
    letters.document("there").set({"v": 0})
    batch = db.batch()
    batch.set(letters.document("new"), {"a": 1})
    batch.create(letters.document("there"), {"v": 1})

    with fails(errors.AlreadyExists):
        batch.commit()
    assert ids(letters) == ["there"]


def test_the_writes_of_a_batch_see_each_other(db: Any, letter: Any) -> None:
    batch = db.batch()
    batch.set(letter, {"n": 1})
    batch.update(letter, {"n": library.Increment(1)})
    batch.update(letter, {"m": 1})
    batch.commit()

    assert letter.get().to_dict() == {"n": 2, "m": 1}


def test_a_batch_of_nine_megabytes_is_taken(db: Any, letters: Any) -> None:
    batch = db.batch()
    for number in range(10):
        batch.set(letters.document(str(number)), {"body": os.urandom(900_000)})
    batch.commit()

    assert sum(len(found.get("body")) for found in letters.stream()) == 9_000_000


def test_a_batch_of_five_hundred_is_read_back_in_order(db: Any, letters: Any) -> None:
    batch = db.batch()
    for number in range(500):
        batch.set(letters.document(f"{number:05}"), {"n": number})
    batch.commit()

    assert [found.get("n") for found in letters.order_by("n").stream()] == list(range(500))


def test_a_bulk_writer_writes_all(db: Any, letters: Any) -> None:
    writer = db.bulk_writer()
    for number in range(50):
        writer.set(letters.document(f"{number:03}"), {"n": number})
    writer.close()

    assert len(ids(letters)) == 50


def test_writes_without_a_commit_fail_each_by_itself(db: Any, name: str, letters: Any) -> None:
    path = f"{name}/documents/{letters.id}"
    good = types.Write(update=types.Document(name=f"{path}/good"))
    bad = types.Write(update=types.Document(name=f"{path}/bad"), current_document={"exists": True})

    answer = db._firestore_api.batch_write({"database": name, "writes": [bad, good]})

    assert [status.code for status in answer.status] == [5, 0]  # NOT_FOUND, OK
    assert ids(letters) == ["good"]


def test_writes_without_a_commit_name_a_document_once(db: Any, name: str, letters: Any) -> None:
    write = types.Write(update=types.Document(name=f"{name}/documents/{letters.id}/a"))

    with fails(errors.InvalidArgument, "only once"):
        db._firestore_api.batch_write({"database": name, "writes": [write, write]})


def test_documents_of_another_database_are_refused(db: Any, name: str) -> None:
    write = types.Write(update=types.Document(name="projects/other/databases/(default)/documents/a/b"))

    with fails(errors.InvalidArgument, "is not of the database"):
        db._firestore_api.commit({"database": name, "writes": [write]})
