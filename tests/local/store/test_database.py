import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import ConditionFailedError, ServiceError
from isthmus_local.store.database import Database, Notice, Transaction

SCHEMA = ["CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)"]


class Inline:
    """A loop that runs what other threads tell it at once, and the rest at the end of its turn: `waiting()`."""

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> None:
        self.waiting = partial(callback, *args)

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> None:
        callback(*args)


class Turns:
    """A loop that runs what it was told when it is its turn, in order."""

    def __init__(self) -> None:
        self._calls: list[Callable[[], Any]] = []

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> None:
        self._calls.append(partial(callback, *args))

    call_soon_threadsafe = call_soon

    def run(self) -> None:
        while self._calls:
            self._calls.pop(0)()


def ignore(_: Any, __: BaseException | None) -> None:
    pass


def note(tx: Transaction, text: str) -> int | None:
    tx.notify("noted", text)
    return tx.execute("INSERT INTO notes (text) VALUES (?)", (text,)).lastrowid


def note_and_fail(tx: Transaction, text: str) -> None:
    note(tx, text)
    raise ConditionFailedError("on purpose")


def texts(tx: Transaction) -> list[str]:
    return [text for (text,) in tx.execute("SELECT text FROM notes ORDER BY id")]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.db", SCHEMA)
    yield database
    database.close()


def test_an_answer_is_given_only_after_the_commit(tmp_path: Path, database: Database) -> None:
    database.submit(note, "a").result()

    with sqlite3.connect(tmp_path / "state.db") as other:
        assert other.execute("SELECT text FROM notes").fetchall() == [("a",)]
    other.close()


def test_an_operation_that_fails_is_undone_alone(database: Database) -> None:
    futures = [database.submit(op, str(n)) for n in range(50) for op in (note, note_and_fail)]
    errors = [future.exception() for future in futures]

    assert [type(error) for error in errors] == [type(None), ConditionFailedError] * 50
    assert database.submit(texts).result() == [str(n) for n in range(50)]


def test_notices_come_once_for_what_was_committed_and_never_for_what_was_not(database: Database) -> None:
    heard: list[Notice] = []
    database.attach(Inline(), heard.extend)
    for future in [database.submit(op, str(n)) for n in range(3) for op in (note, note_and_fail)]:
        future.exception()

    assert heard == [Notice("noted", (str(n),)) for n in range(3)]


def test_a_callback_gets_the_result_or_the_error_after_the_commit(database: Database) -> None:
    got: list[tuple[object, str]] = []
    loop = Inline()
    database.attach(loop, lambda _: None)
    database.post(lambda result, error: got.append((result, str(error))), note, "a")
    database.post(lambda result, error: got.append((result, str(error))), note_and_fail, "b")
    early = list(got)
    loop.waiting()

    assert (early, got) == ([], [(1, "None"), (None, "on purpose")])
    assert database.submit(texts).result() == ["a"]


def test_what_the_loop_posts_is_committed_even_if_the_store_closes_in_the_same_turn(tmp_path: Path) -> None:
    got: list[object] = []
    database = Database(tmp_path / "state.db", SCHEMA)
    database.attach(Inline(), lambda _: None)
    database.post(lambda result, error: got.append(result), note, "a")
    database.close()

    assert got == [1]
    with pytest.raises(ServiceError, match="closed"):
        database.post(lambda result, error: None, note, "late")


def test_what_two_threads_have_committed_is_told_in_the_order_of_the_commits(database: Database) -> None:
    told: list[str] = []
    loop = Turns()
    database.attach(loop, lambda notices: told.extend(notice.args[0] for notice in notices))

    database.post(ignore, note, "second, by the loop at the end of its turn")
    database.submit(note, "first, by the writer thread meanwhile").result()
    loop.run()

    written = database.submit(texts).result()
    assert told == written == ["first, by the writer thread meanwhile", "second, by the loop at the end of its turn"]


def test_to_survive_a_power_cut_the_writer_thread_commits_what_the_loop_posts(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db", SCHEMA, durability="power")
    threads: list[str] = []
    database.attach(Inline(), lambda _: None)
    database.post(lambda result, error: threads.append(threading.current_thread().name), note, "a")
    database.submit(texts).result()
    database.close()

    assert threads == ["isthmus-store"]


def test_a_full_disk_fails_everybody_who_shared_the_commit_and_loses_nothing_before(database: Database) -> None:
    database.submit(note, "kept").result()
    database.submit(lambda tx: tx.execute("PRAGMA max_page_count = 3")).result()
    with pytest.raises(ServiceError, match="could not commit"):
        database.submit(note, "x" * 100_000).result()
    database.submit(lambda tx: tx.execute("PRAGMA max_page_count = 100000")).result()
    database.submit(note, "later").result()

    assert database.submit(texts).result() == ["kept", "later"]


def test_what_waits_when_the_store_closes_is_committed_and_later_work_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db", SCHEMA)
    futures = [database.submit(note, str(n)) for n in range(1000)]
    database.close()

    assert all(future.result() for future in futures)
    with pytest.raises(ServiceError, match="closed"):
        database.submit(note, "late")


def test_the_store_survives_a_restart(tmp_path: Path) -> None:
    for n in range(3):
        database = Database(tmp_path / "state.db", SCHEMA, durability="power")
        database.submit(note, str(n)).result()
        database.close()
    database = Database(tmp_path / "state.db", SCHEMA)

    assert database.submit(texts).result() == ["0", "1", "2"]
    database.close()
