"""A table of items, with keys, indexes, a time to live and a stream of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.subscription import subscribe

Index: TypeAlias = str | tuple[str, str]
"""A partition field, or (partition field, sort field)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table(Resource):
    """Items by key: `fields` types the key fields ("string", "number" or "binary"); other attributes are free.

    `primary_index` and each of `global_indexes` is a partition field or (partition, sort); `ttl` names the field that
    holds the second at which an item expires; `isolated` asks for a store of its own where links could otherwise reach
    a neighbour.
    """

    kind: ClassVar[str] = "table"
    verbs: ClassVar[tuple[str, ...]] = ("read", "write")
    holds_data: ClassVar[bool] = True

    fields: Mapping[str, str]
    primary_index: Index
    global_indexes: Mapping[str, Index] = field(default_factory=lambda: {})
    ttl: str | None = None
    isolated: bool = False
    dead_letters: Queue | None = field(default=None, repr=False)

    @property
    def read(self) -> Grant:
        """Get, query and scan items."""
        return self.grant("read")

    @property
    def write(self) -> Grant:
        """Put, update and delete items, alone or in a transaction."""
        return self.grant("write")

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
        """Deliver every change of an item to `handler`, in order for each item; returns the function."""
        return subscribe(
            self, handler, function, batch_size=batch_size, batch_window=batch_window, max_attempts=max_attempts
        )
