"""What surrounds one invocation, alike on every provider."""

from __future__ import annotations

import time
from contextvars import ContextVar

from isthmus._typing import Any


class Context:
    """The invocation a handler runs in.

    `request_id` names this invocation; `correlation_id` and `traceparent` (W3C trace context, or "") are handed on by
    every hop; `attempt` counts deliveries from 1; `deadline` is in seconds since the epoch; `cold_start` is True for
    the first invocation of an instance; `raw` is the provider's own context.
    """

    __slots__ = (
        "app",
        "attempt",
        "cold_start",
        "correlation_id",
        "deadline",
        "function",
        "provider",
        "raw",
        "request_id",
        "stage",
        "traceparent",
    )

    def __init__(
        self,
        *,
        request_id: str = "",
        correlation_id: str = "",
        traceparent: str = "",
        deadline: float = 0.0,
        attempt: int = 1,
        function: str = "",
        app: str = "",
        stage: str = "",
        provider: str = "",
        cold_start: bool = False,
        raw: Any = None,
    ) -> None:
        self.request_id = request_id
        self.correlation_id = correlation_id or request_id
        self.traceparent = traceparent
        self.deadline = deadline
        self.attempt = attempt
        self.function = function
        self.app = app
        self.stage = stage
        self.provider = provider
        self.cold_start = cold_start
        self.raw = raw

    def remaining(self) -> float:
        """Return the seconds left before the provider ends this invocation; never below 0."""
        return max(0.0, self.deadline - time.time())

    def __repr__(self) -> str:
        return f"<Context {self.function} {self.request_id}>"


current: ContextVar[Context | None] = ContextVar("isthmus.context", default=None)
"""The invocation that is running; None outside of one."""
