"""The definitions of workflows, each kept once: an execution goes on with the one that it was started with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS workflow_definitions (
    digest TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
) WITHOUT ROWID;
"""


class Digested(NamedTuple):
    """A document as text, and the digest that it is known by."""

    digest: str
    text: str


def digested(document: Mapping[str, Any]) -> Digested:
    """Return a document as it is stored; states keep their order, which says nothing, but reads better."""
    text = json.dumps(document, separators=(",", ":"))
    return Digested(hashlib.sha256(text.encode()).hexdigest()[:32], text)


def keep(tx: Transaction, documents: Iterable[Digested]) -> None:
    """Keep the documents that are not there yet."""
    tx.executemany("INSERT OR IGNORE INTO workflow_definitions (digest, document) VALUES (?, ?)", list(documents))


def read(tx: Transaction, digest: str) -> Any:
    """Return a document; `LookupError` where it is not there."""
    row = tx.execute("SELECT document FROM workflow_definitions WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise LookupError(f"there is no definition {digest}")
    return json.loads(row[0])


def prune(tx: Transaction, declared: Iterable[Digested]) -> None:
    """Forget the definitions that are declared no more, and that no execution has any more."""
    tx.execute(
        "DELETE FROM workflow_definitions WHERE digest NOT IN (SELECT digest FROM executions)"
        " AND digest NOT IN (SELECT value FROM json_each(?))",
        (json.dumps([document.digest for document in declared]),),
    )
