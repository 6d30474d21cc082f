"""Google's own client, whose classes have no types of their own, for the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

library: Any = import_module("google.cloud.firestore")
errors: Any = import_module("google.api_core.exceptions")
types: Any = import_module("google.cloud.firestore_v1.types")
Vector: Any = import_module("google.cloud.firestore_v1.vector").Vector

_QUERIES: Any = import_module("google.cloud.firestore_v1.base_query")
Where: Any = _QUERIES.FieldFilter
Or: Any = _QUERIES.Or
And: Any = _QUERIES.And
ReadAfterWriteError: Any = import_module("google.cloud.firestore_v1._helpers").ReadAfterWriteError
FieldPath: Any = import_module("google.cloud.firestore_v1.field_path").FieldPath

ASCENDING = "ASCENDING"
DESCENDING = "DESCENDING"
CONTAINS = "CONTAINS"


def transactional(function: F) -> F:
    """Make a function run in a transaction, and again where it lost."""
    made: F = library.transactional(function)
    return made


def async_transactional(function: F) -> F:
    """Make a coroutine function run in a transaction, and again where it lost."""
    made: F = library.async_transactional(function)
    return made


def ids(query: Any, **options: Any) -> list[str]:
    """Return the ids of the documents that a query finds, in order."""
    return [document.id for document in query.stream(timeout=20, retry=None, **options)]


def fails(error: Any, words: str = "") -> Any:
    """Expect an error of the client with these words in its message."""
    return pytest.raises(error, match=re.escape(words) if words else None)


def together(threads: int, count: int, action: Callable[[int], T]) -> list[T]:
    """Call `action` with each number below `count`, on so many threads at once."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(action, range(count)))


def begun(db: Any, **options: Any) -> Any:
    """Return a transaction that has begun."""
    transaction = db.transaction(**options)
    transaction._begin()
    return transaction


def retried(db: Any, other: bytes) -> Any:
    """Return a transaction that has begun to retry another one."""
    transaction = db.transaction()
    transaction._begin(retry_id=other)
    return transaction


def named(db: Any, identity: bytes) -> Any:
    """Return what names a transaction that may be over."""
    transaction = db.transaction()
    transaction._id = identity
    return transaction
