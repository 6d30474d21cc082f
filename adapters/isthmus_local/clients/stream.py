"""The client of a linked stream."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Sequence
from isthmus.links import Link
from isthmus.outgoing import checked_record_key, prepare
from isthmus.sending import send_all
from isthmus_local.clients.asking import CHUNK, CHUNK_BYTES, Transport


class StreamClient:
    """A linked stream: see `isthmus.ports.Stream`."""

    __slots__ = ("_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._transport = transport

    def put(self, body: Any, *, key: str) -> str:
        """Append one record and return its position, once it is durable."""
        position: str = self._transport.call("stream.put", self._link.name, *_prepared((key, body)))
        return position

    def put_many(self, records: Iterable[tuple[str, Any]]) -> list[str]:
        """Append (key, body) records; `PartialSendError` names those that could not be, after the others were."""

        def send(messages: Sequence[Any]) -> Sequence[str]:
            positions: list[str] = self._transport.call("stream.put_many", self._link.name, messages)
            return positions

        return send_all(records, _prepared, send, most=CHUNK, most_bytes=CHUNK_BYTES)

    def __repr__(self) -> str:
        return f"<Stream {self._link.name}>"


def _prepared(record: tuple[str, Any]) -> tuple[bytes, str, dict[str, str]]:
    key, body = record
    data, _, carried = prepare(body, None)
    return data, checked_record_key(key), carried
