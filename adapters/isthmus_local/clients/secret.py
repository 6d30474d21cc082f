"""The client of a linked secret."""

from __future__ import annotations

import time

from isthmus._typing import Callable
from isthmus.errors import SecretNotSetError
from isthmus.links import Link
from isthmus.resource import Resource
from isthmus_local.clients.asking import Transport

CACHE_SECONDS = 5.0
"""How long a value is kept: short, as asking again costs little here; the contract allows 5 minutes."""


class SecretClient:
    """A linked secret: see `isthmus.ports.Secret`. Its value is in no repr and in no error.

    `stage` is for the message of an error; it is the running function's unless given.
    """

    __slots__ = ("_cached", "_clock", "_link", "_stage", "_transport", "name")

    def __init__(
        self, link: Link, transport: Transport, *, stage: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = link.physical
        self._link = link
        self._stage = stage
        self._transport = transport
        self._clock = clock
        self._cached: tuple[float, str] | None = None

    def value(self) -> str:
        """Return the current value; `SecretNotSetError` where it has none."""
        now = self._clock()
        cached = self._cached
        if cached is not None and now < cached[0]:
            return cached[1]
        value: str | None = self._transport.call("secret.read", self._link.name)
        if value is None:
            self._cached = None
            raise SecretNotSetError(self._link.name, self._stage or Resource.App.stage)
        self._cached = (now + CACHE_SECONDS, value)
        return value

    def __repr__(self) -> str:
        return f"<Secret {self._link.name}>"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")
