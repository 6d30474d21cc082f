"""A message as Pub/Sub is given it."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus_gcp import wire


class WireMessage:
    """The bytes and the attributes of a message (ours included) in the form of the wire; `key` is what orders it.

    `size` is about what Pub/Sub counts of it.
    """

    __slots__ = ("attributes", "data", "key", "size")

    def __init__(self, data: bytes, attributes: Mapping[str, Any], key: str = "") -> None:
        self.data, self.attributes = wire.outgoing(data, attributes)
        self.key = key
        named = sum(len(name) + len(value.encode()) + 8 for name, value in self.attributes.items())
        self.size = len(self.data) + named + len(key.encode()) + 16

    def as_request(self) -> dict[str, Any]:
        """Return it as the client of Pub/Sub takes it."""
        return {"data": self.data, "attributes": self.attributes, "ordering_key": self.key}

    def as_json(self) -> dict[str, Any]:
        """Return it as the REST API takes it: https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage."""
        from binascii import b2a_base64

        message: dict[str, Any] = {"attributes": self.attributes}
        if self.data:
            message["data"] = b2a_base64(self.data, newline=False).decode()
        if self.key:
            message["orderingKey"] = self.key
        return message
