"""A function: a handler with the resources, memory and time it runs with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from isthmus.declarations.resource import Grant, Resource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function(Resource):
    """A handler path such as `functions.orders.create`, and how it runs.

    `link` gives resources and verbs; `memory` is in MB and `timeout` in seconds; `concurrency` is the most invocations
    at once (None: the provider's own limit); `min_instances` are kept warm; `environment` is plain configuration.
    `serial` asks that no two invocations share an instance at the same time, for a handler whose code is not safe
    for threads.
    """

    kind: ClassVar[str] = "function"
    verbs: ClassVar[tuple[str, ...]] = ("invoke",)

    handler: str
    link: Sequence[Resource | Grant] = ()
    memory: int = 512
    timeout: float = 30
    concurrency: int | None = None
    min_instances: int = 0
    serial: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: {})

    @property
    def invoke(self) -> Grant:
        """Call it and wait for its result, or start it and go on."""
        return self.grant("invoke")


def function_name(handler: str) -> str:
    """Return the name of the function of a handler path: `functions.orders.create` → `OrdersCreate`."""
    words = [word for part in handler.split(".")[-2:] for word in part.split("_")]
    return "".join(word[:1].upper() + word[1:] for word in words) or "Unnamed"
