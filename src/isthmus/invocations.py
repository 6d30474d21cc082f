"""The contexts of one function's invocations: what every provider's entry point makes alike."""

from __future__ import annotations

import time

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
        cold, self._cold = self._cold, False
        return Context(
            request_id=request_id or new_id(),
            correlation_id=envelope.correlation_id,
            traceparent=envelope.traceparent,
            deadline=time.time() + identity.timeout if deadline is None else deadline,
            attempt=attempt,
            function=identity.function,
            app=identity.app,
            stage=identity.stage,
            provider=identity.provider,
            cold_start=cold,
            raw=raw,
        )
