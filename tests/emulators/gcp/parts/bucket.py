"""A bucket on the emulator, and the short ways in which tests use it."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.storage import Storage

NUMBERS = itertools.count()


class Bucket:
    """A bucket by a name of its own."""

    def __init__(self, server: Storage, *, versioned: bool = False) -> None:
        self.client = server.client()
        self.name = f"bucket-{next(NUMBERS)}"
        bucket = self.client.bucket(self.name)
        bucket.versioning_enabled = versioned
        self.bucket: Any = self.client.create_bucket(bucket)

    def put(self, key: str, text: str = "x", **options: Any) -> Any:
        """Write an object and return it as it was stored."""
        blob = self.bucket.blob(key)
        blob.upload_from_string(text, retry=None, **options)
        return blob

    def notify(self, channel: Channel, **options: Any) -> Any:
        """Send the bucket's events to the topic of a channel."""
        _, project, _, topic = channel.topic.split("/")
        options = {"payload_format": "JSON_API_V1", **options}  # the library's own default is NONE
        notification = self.bucket.notification(topic_name=topic, topic_project=project, **options)
        notification.create()
        return notification


class Event:
    """One notification: its attributes, and the object of its payload."""

    def __init__(self, received: Any) -> None:
        self.attributes: dict[str, str] = dict(received.message.attributes)
        data: bytes = received.message.data
        self.object: dict[str, Any] = json.loads(data) if data else {}

    @property
    def kind(self) -> str:
        """What happened: OBJECT_FINALIZE, OBJECT_DELETE, ..."""
        return self.attributes["eventType"]


def events(channel: Channel, count: int) -> list[Event]:
    """Pull so many notifications, in the order of their kinds, and make sure that no other comes."""
    found: list[Event] = []
    while len(found) < count:
        found.append(Event(channel.await_one()))
    extra = channel.pull()
    assert extra == [], f"{len(extra)} more than {count} came"
    return sorted(found, key=lambda event: event.kind)
