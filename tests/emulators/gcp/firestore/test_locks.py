"""https://cloud.google.com/firestore/docs/transaction-data-contention"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import (
    Where,
    begun,
    errors,
    fails,
    ids,
    retried,
)
from tests.emulators.gcp.firestore.process import Firestore


def aborted(db: Any, letter: Any) -> bytes:
    """Return the id of a transaction that has lost."""
    winner, loser = begun(db), begun(db)
    identity: bytes = loser.id
    for each in (winner, loser):
        letter.get(transaction=each)
    winner.set(letter, {})
    winner._commit()
    with fails(errors.Aborted):
        letter.get(transaction=loser)
    return identity


def test_a_write_waits_for_the_transaction_that_has_read_the_document(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    transaction = begun(db)
    letter.get(transaction=transaction)
    with ThreadPoolExecutor(1) as pool:
        write = pool.submit(letter.update, {"n": 10})
        time.sleep(0.2)
        waited = not write.done()
        transaction.update(letter, {"n": 2})
        transaction._commit()
        write.result(20)

    assert waited
    assert letter.get().get("n") == 10


def test_a_batch_waits_too(db: Any, letter: Any) -> None:
    transaction = begun(db)
    letter.get(transaction=transaction)
    batch = db.batch()
    batch.set(letter, {"n": 1})
    with ThreadPoolExecutor(1) as pool:
        write = pool.submit(batch.commit)
        time.sleep(0.2)
        waited = not write.done()
        transaction._rollback()
        write.result(20)

    assert waited


def test_reads_outside_of_transactions_wait_for_nobody(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    transaction = begun(db)
    letter.get(transaction=transaction)

    assert letter.get(timeout=10).get("n") == 1
    transaction._rollback()


def test_two_transactions_read_the_same_document_at_once(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    one, two = begun(db), begun(db)

    assert [letter.get(transaction=each, timeout=10).get("n") for each in (one, two)] == [1, 1]
    one._rollback()
    two._rollback()


def test_the_younger_of_two_that_write_the_same_document_is_aborted(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    older, younger = begun(db), begun(db)
    for each in (older, younger):
        letter.get(transaction=each)
        each.update(letter, {"n": 2})
    older._commit()

    with fails(errors.Aborted, "Too much contention"):
        younger._commit()


def test_an_aborted_transaction_cannot_read_either(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    older, younger = begun(db), begun(db)
    for each in (older, younger):
        letter.get(transaction=each)
    older.update(letter, {"n": 2})
    older._commit()

    with fails(errors.Aborted):
        letter.get(transaction=younger)


def test_a_retry_waits_for_its_turn_and_is_not_aborted_by_those_that_came_later(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    older, younger = begun(db), begun(db)
    for each in (older, younger):
        letter.get(transaction=each)
    older.update(letter, {"n": 2})
    older._commit()
    newcomer = begun(db)
    again = retried(db, younger.id)
    letter.get(transaction=newcomer)

    assert letter.get(transaction=again, timeout=10).get("n") == 2  # it has aborted the newcomer, which holds a lock
    again.update(letter, {"n": 3})
    again._commit()
    newcomer.update(letter, {"n": 99})
    with fails(errors.Aborted):
        newcomer._commit()


def test_two_that_retry_the_same_transaction_do_not_wait_for_each_other(db: Any, letter: Any) -> None:
    # Threads that share one `@transactional` function share its retry id.
    letter.set({"n": 1})
    older, younger = begun(db), begun(db)
    for each in (older, younger):
        letter.get(transaction=each)
    older.update(letter, {"n": 2})
    older._commit()
    with fails(errors.Aborted):
        letter.get(transaction=younger)
    one, two = retried(db, younger.id), retried(db, younger.id)
    letter.get(transaction=one)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(letter.get, transaction=two)
        time.sleep(0.1)
        one.update(letter, {"n": 3})
        one._commit()

        assert second.result(20).get("n") == 3
    two._rollback()


def test_who_comes_while_a_retry_has_its_turn_waits_for_it(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    early = begun(db)
    retry = retried(db, b"transaction-of-somebody-else")
    letter.get(transaction=retry)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(letter.get, transaction=early)
        time.sleep(0.2)
        waited = not read.done()
        retry.update(letter, {"n": 2})
        retry._commit()

        assert read.result(20).get("n") == 2
    assert waited
    early._rollback()


@pytest.mark.parametrize("shared", [False, True], ids=["of their own", "of the same transaction"])
def test_two_retries_that_would_wait_for_each_other_do_not(db: Any, letters: Any, shared: bool) -> None:
    one, other = letters.document("one"), letters.document("other")
    lost = aborted(db, letters.document("lost"))
    older, younger = retried(db, lost), retried(db, lost if shared else b"another")
    one.get(transaction=older)
    other.get(transaction=younger)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(other.get, transaction=older)
        second = pool.submit(one.get, transaction=younger)

        with fails(errors.Aborted):
            second.result(20)
        first.result(20)
    older._rollback()


@pytest.mark.parametrize("first", ["early", "retry"])
def test_a_retry_and_one_that_began_before_do_not_wait_for_each_other(db: Any, letters: Any, first: str) -> None:
    one, other = letters.document("one"), letters.document("other")
    early = begun(db)
    retry = retried(db, b"some")
    one.get(transaction=early)
    other.get(transaction=retry)
    with ThreadPoolExecutor(2) as pool:
        reads = {"early": lambda: other.get(transaction=early), "retry": lambda: one.get(transaction=retry)}
        results = {first: pool.submit(reads.pop(first))}
        time.sleep(0.2)
        results |= {name: pool.submit(read) for name, read in reads.items()}

        with fails(errors.Aborted, "Too much contention"):
            results["retry"].result(20)
        results["early"].result(20)
    early._rollback()


def test_what_a_query_found_in_a_transaction_stays_until_its_end(db: Any, letters: Any) -> None:
    letters.document("a").set({"g": "x"})
    transaction = begun(db)
    query = letters.where(filter=Where("g", "==", "x"))
    found = ids(query, transaction=transaction)
    with ThreadPoolExecutor(1) as pool:
        added = pool.submit(letters.document("b").set, {"g": "x"})
        time.sleep(0.2)
        waited = not added.done()
        transaction._commit()
        added.result(20)

    assert (found, waited) == (["a"], True)


def test_documents_that_a_query_would_not_find_are_free(db: Any, letters: Any) -> None:
    transaction = begun(db)
    ids(letters.where(filter=Where("g", "==", "x")), transaction=transaction)

    letters.document("b").set({"g": "y"}, timeout=10)

    transaction._rollback()


def test_of_two_that_insert_what_both_looked_for_one_is_aborted(db: Any, letters: Any) -> None:
    query = letters.where(filter=Where("g", "==", "x"))
    older, younger = begun(db), begun(db)
    for number, each in enumerate((older, younger)):
        assert ids(query, transaction=each) == []
        each.set(letters.document(str(number)), {"g": "x"})
    older._commit()

    with fails(errors.Aborted):
        younger._commit()
    assert ids(query) == ["0"]


def test_a_write_does_not_wait_for_ever(impatient: Firestore) -> None:
    db = impatient.client("tests")
    letter = db.document("locked/letter")
    transaction = begun(db)
    letter.get(transaction=transaction)

    with fails(errors.Aborted, "lock timeout"):  # which the client does not retry by itself
        letter.set({"n": 2}, retry=None)


def test_a_transaction_that_waited_in_vain_has_let_go(impatient: Firestore) -> None:
    db = impatient.client("tests")
    held, mine = db.document("vain/held"), db.document("vain/mine")
    other = begun(db)
    held.get(transaction=other)
    retry = retried(db, b"some")
    mine.get(transaction=retry)

    with fails(errors.Aborted, "lock timeout"):
        held.get(transaction=retry)
    mine.set({}, retry=None)  # it would be aborted too


def test_a_writer_that_gives_up_leaves_nothing_behind(db: Any, letter: Any) -> None:
    transaction = begun(db)
    letter.get(transaction=transaction)
    with fails(errors.DeadlineExceeded):
        letter.set({"n": 1}, timeout=0.2, retry=None)
    transaction._rollback()
    time.sleep(0.1)

    assert not letter.get().exists


def test_readers_do_not_keep_a_writer_out_for_ever(db: Any, letter: Any) -> None:
    letter.set({"n": 1})
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            transaction = begun(db)
            letter.get(transaction=transaction)
            time.sleep(0.02)
            transaction._rollback()

    readers = [threading.Thread(target=read) for _ in range(5)]
    for reader in readers:
        reader.start()
    try:
        letter.set({"n": 2}, timeout=15, retry=None)
    finally:
        stop.set()
        for reader in readers:
            reader.join()

    assert letter.get().get("n") == 2
