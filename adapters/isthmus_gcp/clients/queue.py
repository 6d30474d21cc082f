"""The client of a linked queue, which is a topic of Pub/Sub with a subscription."""

from __future__ import annotations

import time

from isthmus._typing import Any, Callable, Iterable, Mapping, Sequence
from isthmus.envelope import new_id
from isthmus.errors import ServiceError
from isthmus.links import Link
from isthmus.outgoing import check_order, prepare
from isthmus.parts import part
from isthmus.payload import JSON, dumps
from isthmus.sending import send_all
from isthmus_gcp import wire
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.publishing import BATCH, CHUNK_BYTES, Publishing, at_once
from isthmus_gcp.clients.tasks import create_task, tasks_queue
from isthmus_gcp.clients.wire_message import WireMessage
from isthmus_gcp.services import SENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

REMEMBERED = 300.0
"""For how many seconds a deduplication key is remembered."""


class QueueClient:
    """A linked queue: see `isthmus.ports.Queue`.

    A delayed message waits in Cloud Tasks, which publishes it when it is due: perhaps twice, since Cloud Tasks runs a
    task at least once, and in no order, so that the plan refuses a FIFO queue with a delay.
    A message with a deduplication key is noted in Firestore before it is published; where its sender dies between that
    and the publishing, the next sender publishes after some seconds.
    """

    __slots__ = ("_asking", "_delay", "_fifo", "_publishing", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._delay = float(link.properties.get("delay") or 0)
        self._fifo = bool(link.properties.get("fifo"))
        self._publishing = Publishing(self._asking, services, services.topic_path(self.name), "send")
        self._services = services

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
        self._asking.allow("send")
        self._check_order(delay=delay, group=group, deduplicate=deduplicate)
        data, carried = _prepared(body, attributes)
        wait = self._delay if delay is None else delay

        def sent(deadline: float | None = None) -> str:
            if wait:
                return self._later(data, carried, group or "", wait, deadline)
            return self._publishing.one(WireMessage(data, carried, group or ""), deadline=deadline)

        return sent() if deduplicate is None else self._once(sent, deduplicate)

    def send_many(self, bodies: Iterable[Any], *, attributes: Mapping[str, str] | None = None) -> list[str]:
        """Send any number of messages; `PartialSendError` names those that could not be, after sending the others."""
        self._asking.allow("send")
        self._check_order(delay=None, group=None, deduplicate=None)
        send = self._all_later if self._delay else self._all_now
        return send_all(bodies, lambda body: _prepared(body, attributes), send, most=BATCH, most_bytes=CHUNK_BYTES)

    def _check_order(self, *, delay: float | None, group: str | None, deduplicate: str | None) -> None:
        name = self._asking.link.name
        check_order(name, fifo=self._fifo, delay=delay, group=group, deduplicate=deduplicate)

    def _once(self, send: Callable[[float], str], token: str) -> str:
        identifier: str = self._asking.ask(
            "send", lambda: part(SENT)(self._services, ("queue", self.name, token), send, seconds=REMEMBERED)
        )
        return identifier

    def _all_now(self, messages: Sequence[Any]) -> Sequence[str | ServiceError]:
        return self._publishing.many([WireMessage(*message) for message in messages])

    def _all_later(self, messages: Sequence[Any]) -> Sequence[str | ServiceError]:
        return at_once(self._tried_later, messages)

    def _tried_later(self, message: tuple[bytes, Mapping[str, str]]) -> str | ServiceError:
        try:
            return self._later(*message, "", self._delay, None)
        except ServiceError as error:
            return error

    def _later(self, data: bytes, carried: Mapping[str, str], group: str, delay: float, deadline: float | None) -> str:
        """Have Cloud Tasks publish a message: its id has to be known before."""
        identifier = new_id()
        ours = {wire.ID: identifier, wire.SENT_AT: repr(time.time())}
        message = WireMessage(data, {**carried, **ours}, group)
        body = dumps({"messages": [message.as_json()]})
        url = self._services.publish_address(self.name)
        options: dict[str, Any] = {"headers": {"content-type": JSON}, "delay": delay, "deadline": deadline}
        self._asking.ask("send", lambda: create_task(self._services, tasks_queue(self._services), url, body, **options))
        return identifier

    def __repr__(self) -> str:
        return f"<Queue {self._asking.link.name}>"


def _prepared(body: Any, attributes: Mapping[str, str] | None) -> tuple[bytes, dict[str, str]]:
    data, _, carried = prepare(body, attributes, reserved=wire.RESERVED)
    return data, carried
