"""Pages of a collection's documents, and the collections below a document."""

from __future__ import annotations

from collections.abc import Sequence

from tests.emulators.gcp.firestore.documents import Documents
from tests.emulators.gcp.firestore.fields import key_at, masked
from tests.emulators.gcp.firestore.messages import Document, ListDocumentsResponse, Message
from tests.emulators.gcp.firestore.queries import Order
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import name_key

PAGE = 300


def collection_ids(documents: Documents, parent: str) -> list[str]:
    """Return the ids of the collections below a document, or below the database's root, in order."""
    above = f"{parent}/"
    found = {path[len(above) :].split("/")[0] for path in documents.collections() if path.startswith(above)}
    return sorted(found, key=str.encode)


def document_page(documents: Documents, request: Message, at: int | None, paths: Sequence[str] | None) -> Message:
    """Return a page of documents; with `show_missing` and in no other order, also those that only have some below."""
    found = {
        document.name: document
        for document in documents.within(request.parent, request.collection_id, deep=False, at=at)
    }
    names = _ordered(found, request.order_by)
    if request.show_missing and not request.order_by:
        missing = _missing(documents, f"{request.parent}/{request.collection_id}/") - found.keys()
        names = sorted([*names, *missing], key=name_key)
    start, size = _start(request.page_token), request.page_size or PAGE
    return ListDocumentsResponse(
        documents=[
            masked(found[name], paths) if name in found else Document(name=name) for name in names[start : start + size]
        ],
        next_page_token=str(start + size) if start + size < len(names) else "",
    )


def _missing(documents: Documents, above: str) -> set[str]:
    return {above + path[len(above) :].split("/")[0] for path in documents.collections() if path.startswith(above)}


def _ordered(found: dict[str, Message], order_by: str) -> list[str]:
    names = sorted(found, key=name_key)
    for path, descending in reversed(_orders(order_by)):
        keys = {name: key for name in names if (key := key_at(found[name], path)) is not None}
        names = sorted(keys, key=keys.__getitem__, reverse=descending)
    return names


def _orders(order_by: str) -> list[Order]:
    orders: list[Order] = []
    for part in filter(None, (part.strip() for part in order_by.split(","))):
        path, _, direction = part.partition(" ")
        if direction.strip().lower() not in {"", "asc", "desc"}:
            raise invalid(f'"{part}" is no order.')
        orders.append((path, direction.strip().lower() == "desc"))
    return orders


def _start(token: str) -> int:
    if token and not token.isdecimal():
        raise invalid("The page token is not one that was given out.")
    return int(token or 0)
