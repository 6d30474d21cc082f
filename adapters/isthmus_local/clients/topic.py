"""The client of a linked topic."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping, Sequence
from isthmus.links import Link
from isthmus.outgoing import prepare
from isthmus.sending import send_all
from isthmus_local.clients.asking import CHUNK, CHUNK_BYTES, RESERVED, Transport


class TopicClient:
    """A linked topic: see `isthmus.ports.Topic`."""

    __slots__ = ("_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._transport = transport

    def publish(self, body: Any, *, attributes: Mapping[str, str | int | float] | None = None) -> str:
        """Publish one message and return its id, once it is in the queue of every subscription that it passes."""
        message = prepare(body, attributes, numbers=True, reserved=RESERVED)
        published: str = self._transport.call("topic.publish", self._link.name, *message)
        return published

    def publish_many(
        self, bodies: Iterable[Any], *, attributes: Mapping[str, str | int | float] | None = None
    ) -> list[str]:
        """Publish any number of messages; `PartialSendError` names those that could not be, after the others were."""

        def prepared(body: Any) -> tuple[bytes, dict[str, Any], dict[str, str]]:
            return prepare(body, attributes, numbers=True, reserved=RESERVED)

        def send(messages: Sequence[Any]) -> Sequence[str]:
            published: list[str] = self._transport.call("topic.publish_many", self._link.name, messages)
            return published

        return send_all(bodies, prepared, send, most=CHUNK, most_bytes=CHUNK_BYTES)

    def __repr__(self) -> str:
        return f"<Topic {self._link.name}>"
