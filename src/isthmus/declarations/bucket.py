"""A bucket of objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.subscription import listed, subscribe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bucket(Resource):
    """Objects by key, private; `versioned` keeps what is overwritten or deleted."""

    kind: ClassVar[str] = "bucket"
    verbs: ClassVar[tuple[str, ...]] = ("read", "write")
    holds_data: ClassVar[bool] = True

    versioned: bool = False
    dead_letters: Queue | None = field(default=None, repr=False)

    @property
    def read(self) -> Grant:
        """Get and list objects, and sign addresses to get them."""
        return self.grant("read")

    @property
    def write(self) -> Grant:
        """Put and delete objects, and sign addresses to put them."""
        return self.grant("write")

    @checked
    def subscribe(
        self,
        handler: str | Function,
        *,
        events: Sequence[str] = ("created", "removed"),
        prefix: str = "",
        suffix: str = "",
        skip: Sequence[str] = (),
        max_attempts: int = 3,
        **function: Unpack[FunctionOptions],
    ) -> Function:
        """Deliver `created` and `removed` events of keys with `prefix` and `suffix`, but under no `skip` prefix."""
        return subscribe(
            self,
            handler,
            function,
            events=listed(events),
            prefix=prefix,
            suffix=suffix,
            skip=listed(skip),
            max_attempts=max_attempts,
        )
