"""The client of a linked topic, which is one of Pub/Sub."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping, Sequence
from isthmus.errors import ServiceError
from isthmus.links import Link
from isthmus.outgoing import prepare
from isthmus.sending import send_all
from isthmus_gcp import wire
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.publishing import BATCH, CHUNK_BYTES, Publishing
from isthmus_gcp.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services


class TopicClient:
    """A linked topic: see `isthmus.ports.Topic`. Attributes are native, numbers as text, so that filters see them."""

    __slots__ = ("_asking", "_publishing", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._publishing = Publishing(self._asking, services, services.topic_path(self.name), "publish")

    def publish(self, body: Any, *, attributes: Mapping[str, str | int | float] | None = None) -> str:
        """Publish one message and return its id, once it is durable."""
        self._asking.allow("publish")
        return self._publishing.one(_prepared(body, attributes)[1])

    def publish_many(
        self, bodies: Iterable[Any], *, attributes: Mapping[str, str | int | float] | None = None
    ) -> list[str]:
        """Publish any number of messages; `PartialSendError` names those that could not be, after the others were."""
        self._asking.allow("publish")

        def send(messages: Sequence[Any]) -> Sequence[str | ServiceError]:
            return self._publishing.many([message for _, message in messages])

        return send_all(bodies, lambda body: _prepared(body, attributes), send, most=BATCH, most_bytes=CHUNK_BYTES)

    def __repr__(self) -> str:
        return f"<Topic {self._asking.link.name}>"


def _prepared(body: Any, attributes: Mapping[str, str | int | float] | None) -> tuple[bytes, WireMessage]:
    data, given, carried = prepare(body, attributes, numbers=True, reserved=wire.RESERVED)
    return data, WireMessage(data, {**carried, **wire.numbers(given)})
