"""The contexts of one function's invocations: what every provider's entry point makes alike."""

from __future__ import annotations

import time
from _thread import RLock

from isthmus._typing import Any, Callable
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
        context = _new(_Context)  # a call with every value by its keyword would take twice as long
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

    def each(self, *, deadline: float, raw: Any) -> Callable[[Envelope, int], Context]:
        """Return what makes the contexts of a batch's events, each of its envelope and its attempt.

        There may be ten thousand, so what is the same for all is kept once, and copied when somebody asks for it.
        """
        is_cold = self._cold
        shared = self.context(_NOTHING, deadline=deadline, raw=raw)
        shared.cold_start = False
        self._cold = is_cold  # until there is an event

        def make(envelope: Envelope, attempt: int) -> Context:
            context = _new(_Context)
            context.shared = shared
            context.attempt = attempt
            if envelope.traceparent:
                context.traceparent = envelope.traceparent
            if envelope.correlation_id:
                context.correlation_id = envelope.correlation_id
            if self._cold:
                context.cold_start = True
                self._cold = False
            return context

        return make


_NOTHING = Envelope()
_new = object.__new__


class _Context(Context):
    """A context with slots that are filled when somebody first asks for them.

    Its ids are made then, where the event brought none; all else is read from what it has `shared`.
    """

    __slots__ = ("shared",)

    shared: Context

    def __getattr__(self, name: str) -> Any:
        """Fill a slot that is still empty; all threads of a handler see the same id in it."""
        if name not in Context.__slots__:
            raise AttributeError(f"a context has no attribute {name!r}", name=name, obj=self)
        with _filling:
            try:
                value = object.__getattribute__(self, name)
            except AttributeError:
                value = self._fill(name)
                setattr(self, name, value)
        return value

    def _fill(self, name: str) -> Any:
        if name == "request_id":
            return new_id()
        return self.request_id if name == "correlation_id" else getattr(self.shared, name)


_filling = RLock()
