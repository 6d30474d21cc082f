"""A topic with a subscription on the emulator, and the short ways in which tests use it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.emulators.gcp.parts.pubsub import PubSub

NUMBERS = itertools.count()


class Channel:
    """A topic with a subscription, by names of their own."""

    def __init__(self, server: PubSub, **properties: Any) -> None:
        name = f"name-{next(NUMBERS)}"
        self.publisher = server.publisher()
        self.subscriber = server.subscriber()
        self.topic = f"projects/isthmus/topics/{name}"
        self.subscription = f"projects/isthmus/subscriptions/{name}"
        self.publisher.create_topic(name=self.topic)
        self.subscribe(self.subscription, **properties)

    def subscribe(self, name: str, **properties: Any) -> Any:
        """Make one more subscription of the topic."""
        return self.subscriber.create_subscription(request={"name": name, "topic": self.topic, **properties})

    def read(self) -> Any:
        """Return the subscription as it is now."""
        return self.subscriber.get_subscription(subscription=self.subscription)

    def update(self, *paths: str, **properties: Any) -> Any:
        """Change what `paths` name of the subscription."""
        changed = {"name": self.subscription, "topic": self.topic, **properties}
        request = {"subscription": changed, "update_mask": {"paths": paths}}
        return self.subscriber.update_subscription(request=request)

    def publish(self, messages: Sequence[dict[str, Any]]) -> list[str]:
        """Publish messages in one request, and return their ids."""
        request = {"topic": self.topic, "messages": messages}
        return list(self.publisher.publish(request=request, retry=None).message_ids)

    def send(self, *texts: str, key: str = "", **attributes: str) -> list[str]:
        """Publish texts in one request."""
        return self.publish([{"data": text.encode(), "ordering_key": key, "attributes": attributes} for text in texts])

    def pull(self, count: int = 10, *, of: str = "") -> list[Any]:
        """Pull at most `count` messages."""
        request = {"subscription": of or self.subscription, "max_messages": count}
        return list(self.subscriber.pull(request=request, retry=None, timeout=20).received_messages)

    def await_one(self, *, of: str = "", within: float = 10) -> Any:
        """Pull until one message comes."""
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            for message in self.pull(1, of=of):
                return message
        raise AssertionError(f"nothing came within {within} s")

    def ack(self, *messages: Any) -> None:
        """Acknowledge messages."""
        ids = [message.ack_id for message in messages]
        self.subscriber.acknowledge(subscription=self.subscription, ack_ids=ids)

    def nack(self, *messages: Any) -> None:
        """Give messages back."""
        self.extend(0, *messages)

    def extend(self, seconds: int, *messages: Any) -> None:
        """Give the leases of messages so many seconds from now on."""
        ids = [message.ack_id for message in messages]
        request = {"subscription": self.subscription, "ack_ids": ids, "ack_deadline_seconds": seconds}
        self.subscriber.modify_ack_deadline(request=request)


def texts(messages: Sequence[Any]) -> list[str]:
    """Return the texts of pulled messages."""
    return [message.message.data.decode() for message in messages]


def until(what: Callable[[], bool], *, within: float = 10) -> bool:
    """Ask again and again until it is so; whether it became so."""
    limit = time.monotonic() + within
    while time.monotonic() < limit:
        if what():
            return True
        time.sleep(0.01)
    return False
