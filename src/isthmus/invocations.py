"""The contexts of one function's invocations: what every provider's entry point makes alike."""

from __future__ import annotations

import time
from _thread import RLock

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.envelope import Envelope, new_id
from isthmus.links import Identity


class Invocations:
    """Makes the context of each event that one instance of a function is given; the first is a cold start."""

    __slots__ = ("_cold", "_identity")

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._cold = True

    def context(
        self,
        envelope: Envelope,
        *,
        request_id: str = "",
        attempt: int = 1,
        deadline: float | None = None,
        raw: Any = None,
    ) -> Context:
        """Return the context of one event: with an id of its own, unless given, and the function's timeout from now on.

        `deadline` is when the provider ends the invocation, in epoch seconds, where it tells.
        """
        identity = self._identity
        context = _Context.__new__(_Context)  # a batch makes thousands: each by keywords would take twice as long
        if request_id:
            context.request_id = request_id
            context.correlation_id = envelope.correlation_id or request_id
        elif envelope.correlation_id:
            context.correlation_id = envelope.correlation_id
        context.traceparent = envelope.traceparent
        context.deadline = time.time() + identity.timeout if deadline is None else deadline
        context.attempt = attempt
        context.function = identity.function
        context.app = identity.app
        context.stage = identity.stage
        context.provider = identity.provider
        context.cold_start = self._cold
        context.raw = raw
        self._cold = False
        return context


class _Context(Context):
    """A context whose ids are made when somebody first asks for them, where the event brought none."""

    __slots__ = ()

    def __getattr__(self, name: str) -> str:
        """Fill a slot that is still empty; all threads of a handler see the same id in it."""
        if name not in ("request_id", "correlation_id"):
            raise AttributeError(f"a context has no attribute {name!r}", name=name, obj=self)
        with _filling:
            try:
                value: str = object.__getattribute__(self, name)
            except AttributeError:
                value = new_id() if name == "request_id" else self.request_id
                setattr(self, name, value)
        return value


_filling = RLock()
