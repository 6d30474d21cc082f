"""Secrets from outside of the running app: what `isthmus secret` uses, also while the server runs.

Each command opens a short connection of its own, and waits for the server's transaction where there is one. The
directory and the files of a stage are its owner's alone.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.errors import ServiceError
from isthmus_local.store import secrets
from isthmus_local.store.secrets import SecretInfo

DATABASE = "state.db"
"""The file of a stage's state, in its directory."""

_WAIT = 10.0


class _Write(NamedTuple):
    execute: Callable[..., Any]
    now: float


class SecretStore:
    """The secrets of one stage; `directory` is `.isthmus/<stage>`."""

    def __init__(self, directory: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._clock = clock

    def set(self, name: str, value: str) -> int:
        """Make `value` the current one of the secret `name`; returns the number of this version."""
        with self._transaction() as tx:
            return secrets.put(tx, name, value)

    def list(self) -> list[SecretInfo]:
        """Return each secret's name, version and the time it was set; never a value."""
        with self._transaction() as tx:
            return secrets.listing(tx)

    def remove(self, name: str) -> bool:
        """Forget the secret `name` and all of its versions; False where there was none."""
        with self._transaction() as tx:
            removed = secrets.remove(tx, name)
        with self._reached() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the log would keep the value for a while
        return removed

    @contextmanager
    def _reached(self) -> Generator[sqlite3.Connection, None, None]:
        keep_private(self._directory)
        try:
            with closing(
                sqlite3.connect(self._directory / DATABASE, timeout=_WAIT, isolation_level=None)
            ) as connection:
                connection.execute("PRAGMA secure_delete=ON")  # what is removed is overwritten too
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                yield connection
        except sqlite3.Error as error:
            raise ServiceError(f"the secrets in {self._directory} could not be reached: {error}") from error

    @contextmanager
    def _transaction(self) -> Generator[_Write, None, None]:
        with self._reached() as connection:
            connection.executescript(secrets.SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Write(connection.execute, self._clock())
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def __repr__(self) -> str:
        return f"<SecretStore {self._directory}>"


def keep_private(directory: Path) -> None:
    """Make the directory of a stage, and its database, readable by nobody but their owner.

    SQLite gives its other files (`-wal`, `-shm`) the mode of the database.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    path = directory / DATABASE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for file in directory.glob(f"{DATABASE}*"):
        file.chmod(0o600)
