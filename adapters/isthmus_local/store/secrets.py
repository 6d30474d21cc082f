"""Secrets: each value is a version; the newest is the current one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from isthmus.declarations.settings import Secret
from isthmus.errors import InvalidValueError, TooLargeError

SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    value BLOB NOT NULL,
    set_at REAL NOT NULL,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;
"""

SECRET_LIMIT = 64 * 1024
"""The most bytes of a secret: what every provider keeps."""

NAME_LIMIT = 255
"""The most characters of a secret's name."""


class Store(Protocol):
    """The part of a transaction that secrets need, so that a command of another process can use them as well."""

    @property
    def execute(self) -> Callable[..., Any]:
        """Run one statement of SQL."""
        ...

    @property
    def now(self) -> float:
        """The epoch seconds."""
        ...


class SecretInfo(NamedTuple):
    """What may be told of a secret: its name, the number of its current version, and when that was set."""

    name: str
    version: int
    set_at: float


def put(tx: Store, name: str, value: str) -> int:
    """Make `value` the current one of the secret `name` and return its version, which counts from 1."""
    _check_name(name)
    encoded = _encode(name, value)
    version: int = tx.execute("SELECT coalesce(max(version), 0) + 1 FROM secrets WHERE name = ?", (name,)).fetchone()[0]
    tx.execute("INSERT INTO secrets VALUES (?, ?, ?, ?)", (name, version, encoded, tx.now))
    return version


def current(tx: Store, name: str) -> str | None:
    """Return the current value of the secret `name`; None where it has none."""
    row = tx.execute("SELECT value FROM secrets WHERE name = ? ORDER BY version DESC LIMIT 1", (name,)).fetchone()
    return row[0].decode() if row else None


def listing(tx: Store) -> list[SecretInfo]:
    """Return what may be told of each secret, in order of their names."""
    rows = tx.execute(
        "SELECT name, max(version), set_at FROM secrets GROUP BY name ORDER BY name"
    )  # SQLite takes the other columns from the row of the maximum
    return [SecretInfo(*row) for row in rows]


def remove(tx: Store, name: str) -> bool:
    """Forget every version of the secret `name`; False where there was none."""
    removed: int = tx.execute("DELETE FROM secrets WHERE name = ?", (name,)).rowcount
    return removed > 0


def read(tx: Store, secret: Secret) -> str | None:
    """Return the current value of a declared secret; None where it has none."""
    return current(tx, secret.name)


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {"secret.read": ("secret", "read", read)}
"""What a handler may ask of a secret: the kind, the verb that its link must grant, and the function."""


def _check_name(name: str) -> None:
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise InvalidValueError(f"a secret's name is 1 to {NAME_LIMIT} printable characters")


def _encode(name: str, value: str) -> bytes:
    """Return the value in UTF-8; an error tells the name and never the value, not even as its cause."""
    problem: Exception | None = None
    encoded = b""
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        problem = InvalidValueError(f"the value for secret {name!r} is not valid Unicode")
    if len(encoded) > SECRET_LIMIT:
        problem = TooLargeError(f"the value for secret {name!r}", len(encoded), SECRET_LIMIT)
    if problem is not None:
        raise problem
    return encoded
