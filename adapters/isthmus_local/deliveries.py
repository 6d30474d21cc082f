"""Which queue reaches which function, and how: one `Delivery` for everything that is asynchronous in an app."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.subscription import Subscription
from isthmus_local.housekeeping import Journal
from isthmus_local.log_consumer import Reading
from isthmus_local.queue_consumer import DEFAULT_CONCURRENCY, Delivery
from isthmus_local.store import changes
from isthmus_local.store.invocations import SOURCE
from isthmus_local.store.queues import DeadLetters, internal_queue

ASYNCHRONOUS_ATTEMPTS = 3
"""How often a schedule's tick or an asynchronous invocation is tried: once, and again twice, as in the cloud."""


def deliveries(app: App) -> Iterator[Delivery]:
    """Yield the delivery of each queue, declared or internal, that a function consumes."""
    for subscription in app.subscriptions:
        if isinstance(subscription.target, Function) and subscription.source.kind in _OF:
            yield _OF[subscription.source.kind](subscription, subscription.target)
    for resource in app.resources:
        if isinstance(resource, Schedule):
            yield _internal(resource.name, "schedule", resource.function)
        elif isinstance(resource, Function):
            yield _internal(SOURCE, "task", resource)


def dead_letters_of(source: Resource) -> Queue | None:
    """Return the queue that takes what could not be handled of `source`."""
    queue = getattr(source, "dead_letters", None)
    return queue if isinstance(queue, Queue) else None


def _of_queue(subscription: Subscription, function: Function) -> Delivery:
    queue = subscription.source
    assert isinstance(queue, Queue)
    dead = dead_letters_of(queue)
    return Delivery(
        queue=queue.name,
        source=queue.name,
        kind="queue",
        function=function.name,
        dead_letters=DeadLetters(dead.name if dead else None, queue.max_attempts),
        batch_size=subscription.batch,
        batch_window=subscription.batch_window,
        concurrency=subscription.max_concurrency or function.concurrency or DEFAULT_CONCURRENCY,
        lease=queue.visibility_timeout,
        retry_delay=queue.retry_delay,
        max_retry_delay=queue.max_retry_delay,
        ordered=queue.fifo,
    )


def _of_event_source(subscription: Subscription, function: Function) -> Delivery:
    source = subscription.source
    dead = dead_letters_of(source)
    return _internal(
        source.name,
        source.kind,
        function,
        dead_letters=DeadLetters(dead.name if dead else None, subscription.max_attempts),
    )


def _internal(source: str, kind: str, function: Function, *, dead_letters: DeadLetters | None = None) -> Delivery:
    queue = internal_queue(source, function.name)
    return Delivery(
        queue=queue,
        source=source,
        kind=kind,
        function=function.name,
        dead_letters=dead_letters or DeadLetters(f"{queue}>DeadLetters", ASYNCHRONOUS_ATTEMPTS),
        concurrency=function.concurrency or DEFAULT_CONCURRENCY,
        lease=2 * function.timeout + 60,
    )


_OF = {"queue": _of_queue, "topic": _of_event_source, "bucket": _of_event_source}


def readings(app: App) -> Iterator[Reading]:
    """Yield how each shard of a stream, or of a table's changes, reaches each function that subscribed to it."""
    for subscription in app.subscriptions:
        if isinstance(subscription.target, Function) and subscription.source.kind in _LOGS:
            for shard in range(shards_of(subscription.source)):
                yield _reading(subscription, shard)


def journals(app: App) -> list[Journal]:
    """Return the log of every stream, and of every table that a function subscribed to."""
    found: dict[str, Journal] = {}
    for resource in app.resources:
        consumers = [s.target.name for s in app.subscriptions if s.source is resource]
        if isinstance(resource, Stream) or (resource.kind in _LOGS and consumers):
            found[resource.name] = Journal(resource.name, shards_of(resource), consumers)
    return list(found.values())


def shards_of(source: Resource) -> int:
    """Return how many shards the log of a stream or of a table's changes has."""
    return source.shards if isinstance(source, Stream) else changes.SHARDS


def _reading(subscription: Subscription, shard: int) -> Reading:
    dead = dead_letters_of(subscription.source)
    return Reading(
        name=subscription.source.name,
        shard=shard,
        kind=subscription.source.kind,
        function=subscription.target.name,
        dead_letters=dead.name if dead else None,
        batch_size=subscription.batch,
        batch_window=subscription.batch_window,
        max_attempts=subscription.max_attempts,
    )


_LOGS = ("stream", "table")
