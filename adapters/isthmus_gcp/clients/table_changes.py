"""Writes done, one by itself: most are a single request, or a reading and a write that is guarded by what was read.

So they hold no lock, which a function that is killed would leave behind for a minute. One that has lost against others
is done as a transaction then, which queues for the lock of its document.
"""

from __future__ import annotations

from isthmus._typing import Any, Item
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.table_commits import Commit
from isthmus_gcp.clients.table_database import CONTENDED
from isthmus_gcp.clients.table_steps import Step, guard
from isthmus_gcp.clients.table_store import Store
from isthmus_gcp.clients.table_transactions import Transaction

_LOST = ("FAILED_PRECONDITION", "NOT_FOUND", "ALREADY_EXISTS", CONTENDED)
"""What a guarded write answers where the document has changed since it was read, or is locked."""


def write(step: Step) -> Item | None:
    """Do one write; returns what an update made, or what a delete removed."""
    store = step.store
    store.allow("write")
    if step.is_blind:
        store.ask("write", lambda: store.database.commit([step.blindly()]))
        return None
    if step.is_first and _is_done(store, guard(step.blindly(), None)):
        return None
    for _ in range(1 if step.match is None else 2):  # whose condition has failed by now need not queue to hear of it
        document = _read(step)
        made, answer = step.on(document)
        if made is None or _is_done(store, guard(made, document)):
            return answer
    return Transaction(store, [step]).run()[0]


def _is_done(store: Store, write: Any) -> bool:
    """Apply a guarded write; False where the document is not what it was."""
    commit = Commit(store.database, [write])

    def attempt() -> bool:
        try:
            commit()
        except Exception as error:
            if code_of(error) in _LOST:
                return False
            raise
        return True

    return store.ask("write", attempt)


def _read(step: Step) -> Any:
    found, _ = step.store.ask("write", lambda: step.store.database.get([step.name]))
    return found.get(step.name)
