"""A subscription: what a source of events delivers, to whom, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict, Unpack

from isthmus.declarations.function import Function, function_name
from isthmus.declarations.options import FunctionOptions
from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.resource import Registry, Resource
from isthmus.declarations.unknown import Unknown

Filter: TypeAlias = Mapping[str, Sequence[str | int | float | Mapping[str, Any]]]
"""Attribute name → the values that pass (any of them; all attributes must pass): a string, a number, or one of
`{"prefix": "order."}`, `{"anything-but": ["a", "b"]}`, `{"numeric": [">", 5, "<=", 9]}`, `{"exists": True}`."""


BATCHES: Mapping[str, int] = {"queue": 10, "stream": 100, "table": 100}
"""The most messages of one invocation by kind of source, where nobody says; of any other kind 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subscription:
    """The delivery of a source's events to a function, or of a topic's messages to a queue.

    `batch_size` messages at most reach the function in one invocation, collected for `batch_window` seconds at most
    (None: as the provider does it best, at most `batch`);
    `max_concurrency` batches at most are handled at once; an event is tried `max_attempts` times before it is in the
    source's dead-letter queue. `filter` is a topic's; `events`, `prefix`, `suffix`, `skip` (prefixes) are a bucket's.
    """

    source: Resource
    target: Resource
    batch_size: int | None = None
    batch_window: float = 0
    max_concurrency: int | None = None
    max_attempts: int = 3
    filter: Filter = field(default_factory=lambda: {})
    events: Sequence[str] = ()
    prefix: str = ""
    suffix: str = ""
    skip: Sequence[str] = ()
    where: str = field(default_factory=caller, repr=False)

    @property
    def batch(self) -> int:
        """The most messages of one invocation, where the provider delivers in batches."""
        return self.batch_size or BATCHES.get(self.source.kind, 1)


class SubscriptionOptions(TypedDict, total=False):
    """The options of a `Subscription`, as the sources' own `subscribe` pass them on."""

    batch_size: int | None
    batch_window: float
    max_concurrency: int | None
    max_attempts: int
    filter: Filter
    events: Sequence[str]
    prefix: str
    suffix: str
    skip: Sequence[str]


def declare_function(app: Registry, handler: str | Function, options: FunctionOptions) -> Function:
    """Return the function of `handler`: itself, or a new one, named after the path unless `name` says otherwise."""
    if isinstance(handler, Function):
        _refuse(options, handler)
        return handler
    path = handler_path(app, handler)
    named: FunctionOptions = {**options, "name": options.get("name") or function_name(path)}
    function = Function(app=app, handler=path, **named)
    app.resources.append(function)
    return function


def _refuse(options: FunctionOptions, function: Function) -> None:
    """Record that the options of a function that is declared already would be lost."""
    if options:
        what = f"function {function.name!r} is declared at {function.where}: give {', '.join(sorted(options))} there"
        function.app.problems.append(Problem(caller(), what))


def handler_path(app: Registry, handler: object) -> str:
    """Return a handler's path; what is no text is recorded as a problem, and a path is made of it as well as can be."""
    if isinstance(handler, str):
        return handler
    if isinstance(handler, Unknown):
        return ""
    path = f"{handler.__module__}.{getattr(handler, '__qualname__', '')}" if callable(handler) else ""
    what = f"a handler is given by its path: {path or 'functions.orders.create'!r}, not {type(handler).__name__}"
    app.problems.append(Problem(caller(), what))
    return path


def listed(value: Sequence[str]) -> Sequence[str]:
    """Return `value` as a tuple; text, which is no list though it is a sequence, stays for `plan` to refuse."""
    return tuple(value) if isinstance(value, list) else value


def subscribe(
    source: Resource, handler: str | Function, function: FunctionOptions, **options: Unpack[SubscriptionOptions]
) -> Function:
    """Record the delivery of `source`'s events to `handler` and return the function that receives them."""
    target = declare_function(source.app, handler, function)
    source.app.subscriptions.append(Subscription(source=source, target=target, **options))
    return target
