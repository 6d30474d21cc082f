"""A topic: each message goes to every subscription whose filter it passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.subscription import Filter, Subscription, subscribe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topic(Resource):
    """Publish and subscribe; what a subscribed function could not handle is in `dead_letters`."""

    kind: ClassVar[str] = "topic"
    verbs: ClassVar[tuple[str, ...]] = ("publish",)

    dead_letters: Queue | None = field(default=None, repr=False)

    @property
    def publish(self) -> Grant:
        """Publish messages."""
        return self.grant("publish")

    @checked
    def subscribe(
        self,
        handler: str | Function | Queue,
        *,
        filter: Filter | None = None,
        max_attempts: int = 3,
        **function: Unpack[FunctionOptions],
    ) -> Function | Queue:
        """Deliver the messages that pass `filter` to a queue or a handler; returns the queue or function."""
        if isinstance(handler, Queue):
            if function:
                what = (
                    f"a queue runs nothing: give {', '.join(sorted(function))} where {handler.name!r} is subscribed to"
                )
                self.app.problems.append(Problem(caller(), what))
            self.app.subscriptions.append(Subscription(source=self, target=handler, filter=filter or {}))
            return handler
        return subscribe(self, handler, function, filter=filter or {}, max_attempts=max_attempts)
