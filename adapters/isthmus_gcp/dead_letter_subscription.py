"""What lies in a dead-letter queue, looked at without taking it away."""

from __future__ import annotations

from functools import partial
from typing import Any

from isthmus import envelope
from isthmus.errors import BadEventError
from isthmus.message import Message
from isthmus_gcp import wire
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.services import Services

MOST = 1000
"""How many are shown."""

LOOK = "look at"
"""What the link of `Asking` must grant."""

_BATCH = 100
_EMPTY = 2
"""So many pulls in a row bring nothing where nothing is left: one may, although there is something.

https://cloud.google.com/pubsub/docs/pull#unary_pull_code_examples
"""


def peek(asking: Asking, services: Services, subscription: str, source: str) -> list[Message]:
    """Return up to `MOST` messages of a subscription that could not be handled of `source`; they stay there.

    Pub/Sub cannot show without handing out, so for a moment nobody else is given them. One that is pushed to a function
    has nothing to show: Pub/Sub lets nobody pull from it.
    """
    path = services.subscription_path(subscription)
    if asking.ask(LOOK, lambda: services.subscriber().get_subscription(subscription=path)).push_config.push_endpoint:
        return []
    found: dict[str, Any] = {}
    try:
        empty = 0
        while len(found) < MOST and empty < _EMPTY:
            received = _pull(asking, services, path)
            new = {letter.ack_id: letter for letter in received if letter.message.message_id not in _ids(found)}
            found.update(new)
            empty = 0 if new else empty + 1
    finally:
        _put_back(asking, services, path, list(found))
    return [_message(letter, source) for letter in found.values()]


def _ids(found: dict[str, Any]) -> set[str]:
    return {letter.message.message_id for letter in found.values()}


def _pull(asking: Asking, services: Services, path: str) -> list[Any]:
    request = {"subscription": path, "max_messages": _BATCH}
    return list(asking.ask(LOOK, lambda: services.subscriber().pull(request=request)).received_messages)


def _put_back(asking: Asking, services: Services, path: str, ids: list[str]) -> None:
    for start in range(0, len(ids), _BATCH):
        request = {"subscription": path, "ack_ids": ids[start : start + _BATCH], "ack_deadline_seconds": 0}
        asking.ask(LOOK, partial(services.subscriber().modify_ack_deadline, request=request))


def _message(received: Any, source: str) -> Message:
    message = received.message
    data, attributes = _content(message.data, dict(message.attributes))
    return Message(
        data,
        id=attributes.get(wire.ID) or message.message_id,
        attributes=envelope.incoming(attributes)[0],
        source=source,
        attempt=received.delivery_attempt or 1,
        sent_at=message.publish_time.timestamp(),
        group=message.ordering_key or None,
        raw=received,
    )


def _content(data: bytes, native: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return the body and the attributes; as they are on the wire, where ours make no sense."""
    try:
        return wire.incoming(data, native)
    except BadEventError:
        return data, native
