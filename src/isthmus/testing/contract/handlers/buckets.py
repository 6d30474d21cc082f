"""Handlers of bucket events."""

from __future__ import annotations

from isthmus.object_event import ObjectEvent
from isthmus.resource import Resource
from isthmus.testing.contract.handlers.record import record


def stored(event: ObjectEvent) -> None:
    """Record an event of an object; the case is the second part of its key: `in/CASE/…`."""
    record(
        event.key.split("/")[1], kind=event.kind, key=event.key, size=event.size, bucket=event.bucket, etag=event.etag
    )


async def noted(event: ObjectEvent) -> None:
    """Do what `stored` does, as a coroutine."""
    stored(event)


def shrink(event: ObjectEvent) -> None:
    """Write a processed copy next to the original, into the same bucket: the event of the copy must be skipped."""
    body = Resource.Files.get(event.key)
    Resource.Files.put(event.key.replace("photos/", "photos/processed/"), body[:3])
    record(event.key.split("/")[1], kind="shrunk", key=event.key)
