"""One Firestore for all of these tests; each takes a collection, or a database, of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.gcp.firestore.process import Firestore, firestore, running

__all__ = ["firestore"]

PROJECT = "tests"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def name(firestore: Firestore) -> str:
    """The name of the database that the tests share."""
    return firestore.create_database(PROJECT)


@pytest.fixture(scope="session")
def db(firestore: Firestore, name: str) -> Any:
    """A client of the database that the tests share."""
    return firestore.client(PROJECT)


@pytest.fixture(scope="session")
def impatient() -> Iterator[Firestore]:
    """A Firestore with the project `tests`, in which transactions expire and waits end within seconds."""
    with running("--idle-seconds", "1", "--transaction-seconds", "2.5", "--lock-seconds", "0.3") as server:
        server.create_database(PROJECT)
        yield server


@pytest.fixture
def letters(db: Any) -> Any:
    """A collection of the test's own."""
    return db.collection(f"letters-{next(_NUMBERS)}")


@pytest.fixture
def letter(letters: Any) -> Any:
    """A document of the test's own, which is not there yet."""
    return letters.document("letter")


@pytest.fixture
def own(firestore: Firestore) -> Iterator[str]:
    """The name of a database of the test's own, in the project `own`."""
    name = firestore.create_database("own", f"database-{next(_NUMBERS)}")
    yield name
    if name in firestore.databases():
        firestore.delete_database(name)


@pytest.fixture
def own_db(firestore: Firestore, own: str) -> Any:
    """A client of the test's own database."""
    return firestore.client("own", own.rpartition("/")[2])
