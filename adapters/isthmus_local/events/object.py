"""Objects of buckets that were created or removed."""

from __future__ import annotations

import json

from isthmus._typing import Any
from isthmus.object_event import ObjectEvent


class ObjectCodec:
    """A record whose body is `{kind, bucket, key, size, etag, at}` becomes an `ObjectEvent`."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> ObjectEvent:
        """Return the event of a record."""
        event = json.loads(raw[1])
        return ObjectEvent(
            event["kind"],
            bucket=event["bucket"],
            key=event["key"],
            size=event["size"],
            etag=event["etag"],
            at=event["at"],
            attempt=raw[3],
            id=raw[0],
            raw=raw,
        )

    def encode(self, result: Any, /) -> None:
        """An object's event has no answer."""
        return
