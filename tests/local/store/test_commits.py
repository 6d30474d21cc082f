"""What is told of a commit that fails: to whoever waits that it did, and nothing of what would have been."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from isthmus.errors import ServiceError
from isthmus_local.store.database import Database, Notice, Transaction

# A row of `child` without its `parent` is found when everything is committed, and lets that fail.
SCHEMA = """
PRAGMA foreign_keys = ON;
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
"""


def _say(tx: Transaction, word: str) -> str:
    tx.execute("INSERT INTO parent VALUES (?)", (len(word),))
    tx.notify("said", word)
    return word


def _orphan(tx: Transaction) -> None:
    tx.execute("INSERT INTO child VALUES (99)")


def test_nothing_is_told_of_what_was_not_committed(tmp_path: Path) -> None:
    heard: list[Any] = []
    answers: list[tuple[Any, BaseException | None]] = []

    def hear(notices: Sequence[Notice]) -> None:
        heard.extend(args for _, args in notices)

    def answer(result: Any, error: BaseException | None) -> None:
        answers.append((result, error))

    async def post() -> None:
        loop = asyncio.get_running_loop()
        database.attach(loop, hear)
        database.post(answer, _say, "lost")
        database.post(answer, _orphan)
        await asyncio.sleep(0.05)
        database.post(answer, _say, "kept")
        await asyncio.sleep(0.05)

    database = Database(tmp_path / "store.sqlite", [SCHEMA])
    asyncio.run(post())
    database.close()

    assert [type(error) for _, error in answers] == [ServiceError, ServiceError, type(None)]
    assert heard == [("kept",)]
