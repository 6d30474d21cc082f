"""Writes that are applied once, though the answer to them may be lost: each leaves a mark, and is known again by it.

Firestore does not tell a request that it has seen before: a write guarded by what was read fails the second time for
what it has done itself the first time, and a transaction is no longer valid then.
https://github.com/googleapis/google-cloud-dotnet/issues/12669
"""

from __future__ import annotations

import os

from isthmus._typing import Any, Sequence
from isthmus_gcp import documents
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.table_database import Database

_UNHEARD = ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED")
"""What is answered, by whoever stands between, where nobody knows whether the writes were applied."""

_MARK_BYTES = 8


class Commit:
    """One request to apply writes, all or none, to be called again where its answer is lost.

    They are guarded by what was read, or are those of a transaction: others may be repeated as they are.
    """

    __slots__ = ("_database", "_is_unheard", "_transaction", "_writes")

    def __init__(self, database: Database, writes: Sequence[Any], transaction: bytes = b"") -> None:
        self._database = database
        self._writes = writes
        self._transaction = transaction
        self._is_unheard = False
        for write in writes:
            if _is_update(write):
                write.update.fields[documents.MARK].bytes_value = os.urandom(_MARK_BYTES)

    def __call__(self) -> None:
        """Apply the writes; nothing is raised where an earlier call has done so, as far as that still shows."""
        try:
            self._database.commit(self._writes, self._transaction)
        except Exception as error:
            if code_of(error) in _UNHEARD:
                self._is_unheard = True
                raise
            if not self._is_unheard or not self._stands():
                raise

    def _stands(self) -> bool:
        """Tell whether the writes were applied: one of them is there; or all is gone, where nothing was to stay.

        What was written over since, or deleted by somebody else, is not to be told from what was not applied.
        """
        if not self._writes:
            return True
        found, _ = self._database.get([write.update.name or write.delete for write in self._writes])
        updates = [write.update for write in self._writes if _is_update(write)]
        if not updates:
            return not found
        return any(update.name in found and _mark(update) == _mark(found[update.name]) for update in updates)


def _is_update(write: Any) -> bool:
    return bool(write.HasField("update"))


def _mark(document: Any) -> bytes:
    mark: bytes = document.fields[documents.MARK].bytes_value if documents.MARK in document.fields else b""
    return mark
