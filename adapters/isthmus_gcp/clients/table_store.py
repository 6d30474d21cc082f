"""A linked table as Firestore has it: how it is asked, and what of its documents a handler sees."""

from __future__ import annotations

import time

from isthmus import envelope, table_keys, values
from isthmus._typing import Any, Callable, Item, Mapping, TypeVar
from isthmus.links import Link
from isthmus.payload import JSON
from isthmus.table_keys import Keys
from isthmus_gcp import document_values, documents
from isthmus_gcp.clients.errors import allow
from isthmus_gcp.clients.table_database import Database, new_write, persistently
from isthmus_gcp.clients.table_errors import translated
from isthmus_gcp.document_ids import document_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

T = TypeVar("T")


class Store:
    """One table: its collection, its keys, its time-to-live field (""), and whether somebody hears of changes."""

    __slots__ = ("_services", "collection", "database", "is_heard", "keys", "link", "name", "ttl")

    def __init__(self, link: Link, services: Services) -> None:
        database, _, self.collection = link.physical.partition("/")
        self._services = services
        self.link = link
        self.name = link.physical
        self.database = Database(services, database)
        self.keys = Keys(link.name, link.properties)
        self.ttl: str = link.properties.get("ttl", "")
        self.is_heard = bool(link.properties.get("changes"))

    def allow(self, verb: str) -> None:
        """Raise `AccessDeniedError` unless the link grants `verb`."""
        allow(self.link, verb, self._services.identity.function)

    def ask(self, verb: str, attempt: Callable[[], T]) -> T:
        """Return what a request comes to, made again while that may help; `verb` is what the link must grant."""
        self.allow(verb)
        try:
            return persistently(attempt)
        except Exception as error:
            self.refuse(error, verb)
            raise

    def refuse(self, error: Exception, verb: str) -> None:
        """Raise the core's error for one of Google's; nothing happens where it is none."""
        ours = translated(error, self.link, verb, self._services.identity.function)
        if ours is not None:
            raise ours from error

    def document_name(self, key: Item) -> str:
        """Return the full name of the document of a checked key."""
        return self.document_path(document_id(key))

    def document_path(self, id: str) -> str:
        """Return the full name of the document of an id."""
        return f"{self.database.path}/documents/{self.collection}/{id}"

    def putting(self, name: str, item: Item, *, is_dense: bool = False) -> Any:
        """Return the write that makes a whole, checked item of the document `name`; `is_dense` saves bytes."""
        table_keys.check_entries(self.keys, item)
        carried = _carried() if self.is_heard else None
        fields = documents.fields(self.keys, item, envelope=carried, is_dense=is_dense)
        write = new_write()
        write.update.name = name
        document_values.write(write.update.fields, fields)
        expires = self.expiry(item)
        if expires is not None:
            document_values.set_time(write.update.fields[documents.TTL], expires)
        if not is_dense and documents.is_crowded(item, write.ByteSize()):
            return self.putting(name, item, is_dense=True)
        return write

    def stored(self, document: Any) -> Item | None:
        """Return the item of a document, or None for None; None where it has expired.

        Firestore deletes an expired document within about a day: https://cloud.google.com/firestore/docs/ttl
        """
        if document is None:
            return None
        item = self.seen(document)
        expires = self.expiry(item)
        return None if expires is not None and expires <= time.time() else item

    def seen(self, document: Any) -> Item:
        """Return the item of a document as a handler sees it: without what is ours."""
        return documents.item(document_values.read(document.fields))[0]

    def expiry(self, item: Item) -> float | None:
        """Return when an item expires: its time-to-live field, where it is a number; None for never."""
        expires: Any = item.get(self.ttl) if self.ttl else None
        return float(expires) if values.is_number(expires) else None


def _carried() -> Mapping[str, str]:
    """Return what rides with a write to whoever hears of it."""
    return envelope.outgoing(None, JSON)
