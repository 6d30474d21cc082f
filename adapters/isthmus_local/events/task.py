"""Invocations that nobody waits for: their payload is the event."""

from __future__ import annotations

import json

from isthmus._typing import Any, Json


class TaskCodec:
    """A record whose body is JSON becomes the value that the JSON says."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Json:
        """Return the payload of a record."""
        payload: Json = json.loads(raw[1])
        return payload

    def encode(self, result: Any, /) -> Any:
        """Return the result as it is: JSON already."""
        return result
