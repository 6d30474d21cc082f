"""https://cloud.google.com/firestore/docs/transaction-data-contention"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import (
    ReadAfterWriteError,
    begun,
    errors,
    fails,
    named,
    together,
    transactional,
)
from tests.emulators.gcp.firestore.process import Firestore


def test_a_transaction_writes_what_it_has_read(db: Any, letter: Any) -> None:
    letter.set({"n": 1})

    @transactional
    def increment(transaction: Any) -> int:
        n = letter.get(transaction=transaction).get("n")
        transaction.update(letter, {"n": n + 1})
        return int(n)

    assert increment(db.transaction()) == 1
    assert letter.get().get("n") == 2


def test_a_transaction_that_raises_writes_nothing_and_lets_go(db: Any, letter: Any) -> None:
    letter.set({"n": 1})

    @transactional
    def fail(transaction: Any) -> None:
        letter.get(transaction=transaction)
        transaction.update(letter, {"n": 99})
        raise KeyError

    with pytest.raises(KeyError):
        fail(db.transaction())
    assert letter.get().get("n") == 1
    letter.update({"n": 2}, timeout=10)


def test_a_transaction_that_reads_after_it_wrote_is_refused_by_the_client(db: Any, letter: Any) -> None:
    @transactional
    def read_late(transaction: Any) -> None:
        transaction.set(letter, {"n": 2})
        letter.get(transaction=transaction)

    with fails(ReadAfterWriteError):
        read_late(db.transaction())


def test_a_transaction_reads_several_documents(db: Any, letters: Any) -> None:
    letters.document("a").set({})
    transaction = begun(db)

    found = {each.id: each.exists for each in db.get_all([letters.document(x) for x in "ab"], transaction=transaction)}
    transaction._rollback()

    assert found == {"a": True, "b": False}


def test_of_many_that_create_if_absent_one_does(db: Any, letter: Any) -> None:
    def create(number: int) -> bool:
        @transactional
        def attempt(transaction: Any) -> bool:
            if letter.get(transaction=transaction).exists:
                return False
            transaction.set(letter, {"by": number})
            return True

        return bool(attempt(db.transaction()))

    assert sum(together(8, 8, create)) == 1


def test_of_many_creates_one_wins(letter: Any) -> None:
    def create(number: int) -> str:
        try:
            letter.create({"by": number})
        except errors.AlreadyExists:
            return "exists"
        return "created"

    assert sorted(together(8, 8, create)) == ["created", *["exists"] * 7]


def test_a_read_only_transaction_sees_one_time(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    transaction = begun(db, read_only=True)
    before = letter.get(transaction=transaction).get("n")

    letter.set({"n": 2}, timeout=10)  # it holds no lock

    assert (before, letter.get(transaction=transaction).get("n")) == (1, 1)


def test_a_read_only_transaction_cannot_write(db: Any, name: str, letter: Any) -> None:
    transaction = begun(db, read_only=True)
    write = {"update": {"name": f"{name}/documents/{letter.path}"}}

    with fails(errors.InvalidArgument, "read-only"):
        db._firestore_api.commit({"database": name, "writes": [write], "transaction": transaction.id})


def test_a_transaction_begins_with_its_first_read(db: Any, name: str, letter: Any) -> None:
    letter.set({"n": 1})
    path = f"{name}/documents/{letter.path}"
    request: Any = {"database": name, "documents": [path], "new_transaction": {"read_write": {}}}

    first, second = db._firestore_api.batch_get_documents(request)
    letter_found = second.found.name
    db._firestore_api.rollback({"database": name, "transaction": first.transaction})

    assert first.transaction
    assert letter_found == path


def test_a_committed_transaction_is_over(db: Any, letter: Any) -> None:
    transaction = begun(db)
    identity = transaction.id
    transaction._commit()

    with fails(errors.InvalidArgument, "has expired or is no longer valid"):
        letter.get(transaction=named(db, identity))


def test_a_commit_that_fails_ends_its_transaction(db: Any, letter: Any) -> None:
    transaction = begun(db)
    letter.get(transaction=transaction)
    transaction.update(letter, {"n": 1})

    with fails(errors.NotFound):
        transaction._commit()
    letter.set({"n": 1}, timeout=10)


def test_a_rollback_of_one_that_is_over_does_no_harm(db: Any, name: str) -> None:
    db._firestore_api.rollback({"database": name, "transaction": b"never was"})


def test_a_transaction_that_is_left_alone_expires_and_lets_go(impatient: Firestore) -> None:
    db = impatient.client("tests")
    letter = db.document("idle/letter")
    letter.set({"n": 1})
    transaction = begun(db)
    letter.get(transaction=transaction)
    time.sleep(2)

    letter.set({"n": 2}, timeout=10)

    transaction.update(letter, {"n": 3})
    with fails(errors.InvalidArgument, "has expired or is no longer valid"):
        transaction._commit()


def test_a_transaction_that_takes_too_long_expires_however_busy(impatient: Firestore) -> None:
    db = impatient.client("tests")
    letter = db.document("busy/letter")
    transaction = begun(db)
    with fails(errors.InvalidArgument, "has expired or is no longer valid"):
        for _ in range(60):
            letter.get(transaction=transaction)
            time.sleep(0.1)


def test_contention_can_be_asked_for(firestore: Firestore, own: str, own_db: Any) -> None:
    letter = own_db.document("a/b")
    firestore.contend(own, commits=1, reads=1)

    with fails(errors.Aborted, "Too much contention"):
        letter.set({})
    transaction = begun(own_db)
    with fails(errors.Aborted, "Too much contention"):
        letter.get(transaction=transaction)
    letter.set({})


def test_a_transaction_that_was_made_to_lose_has_let_go(firestore: Firestore, own: str, own_db: Any) -> None:
    letter = own_db.document("a/b")
    attempts: list[bytes] = []
    letter.set({"n": 1})

    @transactional
    def increment(transaction: Any) -> None:
        attempts.append(transaction.id)
        n = letter.get(transaction=transaction).get("n")
        transaction.update(letter, {"n": n + 1})

    firestore.contend(own, commits=2)
    increment(own_db.transaction())

    assert letter.get().get("n") == 2
    assert len(attempts) == 3
