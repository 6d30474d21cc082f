"""A message as SQS or SNS is given it: its text, its attributes, and how many bytes these come to there."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import InvalidValueError, IsthmusError, TooLargeError
from isthmus.outgoing import HINT
from isthmus_aws import wire
from isthmus_aws.clients.errors import message_of

_TOO_LARGE = ("shorter than", "too long", "must be less than", "TooLong")


class WireMessage:
    """The bytes `data` and the attributes of a message (ours included, numbers as numbers) in the form of the wire.

    `size` is what the service counts: the text, and the name, type and value of each attribute.
    """

    __slots__ = ("attributes", "size", "text")

    def __init__(self, data: bytes, attributes: Mapping[str, Any]) -> None:
        self.text, self.attributes = wire.outgoing(data, attributes)
        self.size = len(self.text.encode()) + sum(
            len(name) + len(native["DataType"]) + len(native["StringValue"].encode())
            for name, native in self.attributes.items()
        )

    def check(self, limit: int) -> None:
        """Raise `TooLargeError` where the service takes less: bytes that are no text grow by a third on their way."""
        if self.size > limit:
            raise TooLargeError("the message, as it goes over the wire,", self.size, limit, HINT)

    def refusal(self, error: InvalidValueError, limit: int) -> IsthmusError:
        """Return `error`, or a `TooLargeError` where the service says that this is what it means."""
        said = message_of(error.__cause__) if error.__cause__ else ""
        if not any(words in said for words in _TOO_LARGE):
            return error
        told = "".join(letter if letter.isdigit() else " " for letter in said).split()
        most = int(told[-1]) if told else limit
        return TooLargeError("the message, as it goes over the wire,", self.size, most, HINT)
