"""The client of a linked function."""

from __future__ import annotations

import json

from isthmus._typing import Any
from isthmus.envelope import outgoing
from isthmus.errors import TooLargeError
from isthmus.links import Link
from isthmus.outgoing import HINT, MESSAGE_LIMIT, check_delay
from isthmus.payload import JSON, dumps
from isthmus_local.clients.asking import Transport

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""The most bytes of a payload that is waited for."""


class FunctionClient:
    """A linked function: see `isthmus.ports.Function`."""

    __slots__ = ("_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._transport = transport

    def invoke(self, payload: Any = None) -> Any:
        """Call it and return its result; `InvocationFailedError` names the exception that it raised."""
        data = self._encode(payload, PAYLOAD_LIMIT)
        # Parsed again, so that the function is given JSON and never a subclass or a tuple that was near to it.
        return self._transport.call("function.invoke", self._link.name, json.loads(data), outgoing(None, JSON))

    def start(self, payload: Any = None, *, delay: float = 0) -> str:
        """Run it later, at least once, and return an id as soon as that is durable."""
        check_delay(delay)
        data = self._encode(payload, MESSAGE_LIMIT)
        started: str = self._transport.call("function.start", self._link.name, data, outgoing(None, JSON), float(delay))
        return started

    def _encode(self, payload: Any, limit: int) -> bytes:
        data = dumps(payload)
        if len(data) > limit:
            raise TooLargeError(f"the payload for {self._link.name!r}", len(data), limit, HINT)
        return data

    def __repr__(self) -> str:
        return f"<Function {self._link.name}>"
