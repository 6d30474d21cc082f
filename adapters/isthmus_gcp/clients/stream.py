"""The client of a linked stream, which is a topic of Pub/Sub whose messages have a key that orders them."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Sequence
from isthmus.errors import ServiceError
from isthmus.links import Link
from isthmus.outgoing import checked_record_key, prepare
from isthmus.sending import send_all
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.publishing import BATCH, CHUNK_BYTES, Publishing
from isthmus_gcp.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services


class StreamClient:
    """A linked stream: see `isthmus.ports.Stream`. A position is Pub/Sub's id of a message, and says nothing of order.

    Where a record of `put_many` is refused, the later ones of its key are not sent either, so that they are in order
    when all of these are put again.
    """

    __slots__ = ("_asking", "_publishing", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._publishing = Publishing(self._asking, services, services.topic_path(self.name), "put")

    def put(self, body: Any, *, key: str) -> str:
        """Append one record and return its position, once it is durable."""
        self._asking.allow("put")
        return self._publishing.one(_prepared((key, body))[1])

    def put_many(self, records: Iterable[tuple[str, Any]]) -> list[str]:
        """Append (key, body) records; `PartialSendError` names those that could not be, after the others were."""
        self._asking.allow("put")
        stuck: set[str] = set()

        def send(messages: Sequence[Any]) -> Sequence[str | ServiceError]:
            return self._publishing.ordered([message for _, message in messages], stuck)

        return send_all(records, _prepared, send, most=BATCH, most_bytes=CHUNK_BYTES)

    def __repr__(self) -> str:
        return f"<Stream {self._asking.link.name}>"


def _prepared(record: tuple[str, Any]) -> tuple[bytes, WireMessage]:
    key, body = record
    data, _, carried = prepare(body, None)
    return data, WireMessage(data, carried, checked_record_key(key))
