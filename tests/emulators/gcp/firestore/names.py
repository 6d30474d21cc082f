"""Resource names: `projects/P/databases/D/documents/COLLECTION/DOCUMENT/…`, and what their parts may be.

The constraints on ids are those of https://cloud.google.com/firestore/quotas#collections_documents_and_fields.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tests.emulators.gcp.firestore.refusals import invalid

RESERVED = re.compile(r"__.*__", re.DOTALL)
"""What neither an id nor a field may be called."""

ID_BYTES = 1500
NAME_BYTES = 6 * 1024
COLLECTIONS_DEEP = 100


def database_of(name: str) -> str:
    """Return the name of the database that anything belongs to."""
    return "/".join(name.split("/", 4)[:4])


def collection_of(document: str) -> str:
    """Return the path of the collection that a document is in."""
    return document.rpartition("/")[0]


def collection_id(document: str) -> str:
    """Return the id of the collection that a document is in, which its collection group is called by."""
    return document.rsplit("/", 2)[1]


@lru_cache(maxsize=20_000)
def document_name(name: str) -> str:
    """Return a document's name; one that no document can have is refused."""
    parts = name.split("/")
    if parts[:1] != ["projects"] or parts[2:3] != ["databases"] or parts[4:5] != ["documents"]:
        raise invalid(f'Document name "{name}" lacks "projects/…/databases/…/documents".')
    ids = parts[5:]
    if not ids or len(ids) % 2:
        raise invalid(f'Document name "{name}" has no document in its last collection.')
    if len(name.encode()) > NAME_BYTES or len(ids) > 2 * COLLECTIONS_DEEP:
        raise invalid("Document name is longer than 6 KiB, or has more than 100 collections.")
    for part in ids:
        check_id(part)
    return name


def check_id(part: str) -> None:
    """Refuse what cannot be the id of a collection or document."""
    if not part or part in {".", ".."} or "/" in part:
        raise invalid(f'Resource id "{part}" is invalid.')
    if RESERVED.fullmatch(part):
        raise invalid(f'Resource id "{part}" is invalid because it is reserved.')
    if len(part.encode()) > ID_BYTES:
        raise invalid(f"Resource id is longer than {ID_BYTES} bytes.")
