"""The client of a linked queue."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping, Sequence
from isthmus.links import Link
from isthmus.outgoing import check_order, prepare
from isthmus.sending import send_all
from isthmus_local.clients.asking import CHUNK, CHUNK_BYTES, RESERVED, Transport


class QueueClient:
    """A linked queue: see `isthmus.ports.Queue`."""

    __slots__ = ("_fifo", "_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._fifo = bool(link.properties.get("fifo"))
        self._transport = transport

    def send(
        self,
        body: Any,
        *,
        attributes: Mapping[str, str] | None = None,
        delay: float | None = None,
        group: str | None = None,
        deduplicate: str | None = None,
    ) -> str:
        """Send one message and return its id, once it is durable."""
        check_order(self._link.name, fifo=self._fifo, delay=delay, group=group, deduplicate=deduplicate)
        data, _, carried = prepare(body, attributes, reserved=RESERVED)
        sent: str = self._transport.call("queue.send", self._link.name, data, carried, delay, group, deduplicate)
        return sent

    def send_many(self, bodies: Iterable[Any], *, attributes: Mapping[str, str] | None = None) -> list[str]:
        """Send any number of messages; `PartialSendError` names those that could not be, after sending the others."""
        check_order(self._link.name, fifo=self._fifo, delay=None, group=None, deduplicate=None)

        def prepared(body: Any) -> tuple[bytes, dict[str, str]]:
            data, _, carried = prepare(body, attributes, reserved=RESERVED)
            return data, carried

        def send(messages: Sequence[Any]) -> Sequence[str]:
            sent: list[str] = self._transport.call("queue.send_many", self._link.name, messages)
            return sent

        return send_all(bodies, prepared, send, most=CHUNK, most_bytes=CHUNK_BYTES)

    def __repr__(self) -> str:
        return f"<Queue {self._link.name}>"
