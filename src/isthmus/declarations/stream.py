"""A stream: records in order for each key, kept for a while and replayable, for analytics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.subscription import subscribe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stream(Resource):
    """Records of one key stay in order; `shards` says how many of them are handled at once; `retention` is in seconds.

    A failing batch is split until the failing record is alone; that record is tried `max_attempts` times, then parked
    in `dead_letters`, and the stream goes on.
    """

    kind: ClassVar[str] = "stream"
    verbs: ClassVar[tuple[str, ...]] = ("put",)
    holds_data: ClassVar[bool] = True

    shards: int = 1
    retention: int = 24 * 3600
    dead_letters: Queue | None = field(default=None, repr=False)

    @property
    def put(self) -> Grant:
        """Append records."""
        return self.grant("put")

    @checked
    def subscribe(
        self,
        handler: str | Function,
        *,
        batch_size: int | None = None,
        batch_window: float = 0,
        max_attempts: int = 3,
        **function: Unpack[FunctionOptions],
    ) -> Function:
        """Deliver the records to `handler`, in order for each key; returns the function."""
        return subscribe(
            self, handler, function, batch_size=batch_size, batch_window=batch_window, max_attempts=max_attempts
        )
