"""A queue, whose dead-letter queue comes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.subscription import subscribe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Queue(Resource):
    """Messages, each delivered at least once to one consumer.

    A message that is not acknowledged within `visibility_timeout` seconds is delivered again. One that failed is tried
    again after `retry_delay` seconds, doubled each time up to `max_retry_delay`; after `max_attempts` it is in the
    dead-letter queue, whole, with the reason. `delay` seconds pass before a message can be delivered at all. `fifo`
    orders the messages of one group and drops a duplicate within 5 minutes. `retention` is in seconds.
    """

    kind: ClassVar[str] = "queue"
    verbs: ClassVar[tuple[str, ...]] = ("send",)
    holds_data: ClassVar[bool] = True

    max_attempts: int = 5
    visibility_timeout: float = 180
    retry_delay: float = 1
    max_retry_delay: float = 60
    delay: float = 0
    fifo: bool = False
    retention: int = 4 * 24 * 3600
    dead_letters: Queue | None = None

    @property
    def send(self) -> Grant:
        """Send messages."""
        return self.grant("send")

    @checked
    def subscribe(
        self,
        handler: str | Function,
        *,
        batch_size: int | None = None,
        batch_window: float = 0,
        max_concurrency: int | None = None,
        **function: Unpack[FunctionOptions],
    ) -> Function:
        """Deliver this queue's messages to `handler`: see `Subscription`; returns the function."""
        return subscribe(
            self,
            handler,
            function,
            batch_size=batch_size,
            batch_window=batch_window,
            max_concurrency=max_concurrency,
            max_attempts=self.max_attempts,
        )
