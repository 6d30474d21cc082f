"""Topics: a message is in the queue of every subscription that it passes, or in none, as it is published."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.topic import Topic
from isthmus.filters import matches
from isthmus_local.store.database import Transaction
from isthmus_local.store.queues import internal_queue, send

Message: TypeAlias = tuple[bytes, Mapping[str, "str | int | float"], Mapping[str, str]]
"""Body, attributes with their types for the filters, and all attributes as text for the receiver."""


def publish(
    tx: Transaction,
    topic: Topic,
    body: bytes,
    attributes: Mapping[str, str | int | float],
    envelope: Mapping[str, str],
) -> str:
    """Deliver to every subscription whose filter `attributes` pass and return the message's id.

    Filters see the attributes with their types; what is delivered is `envelope`: the same as text, and what every hop
    hands on.
    """
    for subscription in topic.app.subscriptions:
        if subscription.source is topic and matches(subscription.filter, attributes):
            send(tx, _destination(topic, subscription.target), body, envelope)
    return uuid.uuid4().hex


def publish_many(tx: Transaction, topic: Topic, messages: Sequence[Message]) -> list[str]:
    """Publish every one of `messages`, all of them or none, and return their ids."""
    return [publish(tx, topic, *message) for message in messages]


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {
    "topic.publish": ("topic", "publish", publish),
    "topic.publish_many": ("topic", "publish", publish_many),
}
"""What a handler may ask of a topic: the kind, the verb that its link must grant, and the function."""


def _destination(topic: Topic, target: Resource) -> str:
    return target.name if isinstance(target, Queue) else internal_queue(topic.name, target.name)
