"""Invocations: their payload is the event, whether somebody waits for the result or not."""

from __future__ import annotations

from isthmus._typing import Any, Json


class TaskCodec:
    """A payload is what the handler gets, and its result is the answer."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Json:
        """Return the payload: Lambda has read the JSON."""
        payload: Json = raw
        return payload

    def encode(self, result: Any, /) -> Any:
        """Return the result as it is: JSON already."""
        return result
