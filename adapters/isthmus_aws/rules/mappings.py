"""Event source mappings: what Lambda refuses of batches, and what it does with messages that nobody has room for.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.stream import Stream
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.table import Table
from isthmus_aws.names import is_fifo

FEW = 10
"""The most messages of a batch that nobody waits for, and of a FIFO queue at all."""

LEAST_CONCURRENCY = 2
MOST_CONCURRENCY = 1000
"""What a mapping's maximum concurrency can be."""

_ADVISED_READERS = {Table: 2, Stream: 5}
"""How many a stream of a table, or of Kinesis, serves before they slow each other down."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the batches that Lambda would refuse."""
    for subscription, _ in draft.deliveries:
        if isinstance(subscription.source, Queue):
            fifo = is_fifo(draft.app, subscription.source.name)
            for fault in _fifo_faults(subscription) if fifo else _batch_faults(subscription):
                yield Problem(subscription.where, f"subscription to {label(subscription.source)}: {fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the sources that have too many readers, and the functions that cannot keep up with theirs."""
    yield from _crowds(draft)
    for function in draft.functions:
        yield from _throttled(draft, function)


def mapped_concurrency(subscription: Subscription | None, most: int | None) -> int | None:
    """Return how many batches at most a mapping of SQS sends at once: as was asked for, or as its function can take."""
    asked = subscription.max_concurrency if subscription else None
    if asked is None and most is not None:
        return min(MOST_CONCURRENCY, max(LEAST_CONCURRENCY, most))
    return asked


def _batch_faults(subscription: Subscription) -> Iterator[str]:
    if subscription.batch > FEW and subscription.batch_window <= 0:
        yield f"a batch of more than {FEW} needs time to fill on AWS: set batch_window=1, or batch_size={FEW}"


def _fifo_faults(subscription: Subscription) -> Iterator[str]:
    if subscription.batch > FEW:
        yield f"a FIFO queue of SQS delivers {FEW} messages at most at once: set batch_size={FEW}"
    if subscription.batch_window > 0:
        yield "Lambda does not wait for a FIFO queue to fill a batch: leave batch_window out"


def _crowds(draft: Draft) -> Iterator[Problem]:
    for kind, advised in _ADVISED_READERS.items():
        for source in (resource for resource in draft.used if isinstance(resource, kind)):
            readers = [s for s, _ in draft.deliveries if s.source is source]
            if len(readers) > advised:
                slow = f"{len(readers)} functions read its stream, and AWS advises {advised} at most"
                remedy = "subscribe one that publishes to a topic, and the others to that"
                yield Problem(source.where, f"{label(source)}: {slow}: {remedy}")


def _throttled(draft: Draft, declared: Function) -> Iterator[Problem]:
    function = draft.sound(declared)
    most = function.concurrency
    sources = [delivery for delivery in draft.sources(declared) if delivery.kind not in ("stream", "table")]
    if most is None or not sources:
        return
    fetched = sum(_fetched(draft, delivery.source, delivery.subscription, function) for delivery in sources)
    if fetched > most:
        yield Problem(
            function.where,
            f"{label(function)} runs {most} at once (concurrency), and Lambda fetches up to {fetched} batches for it "
            "from SQS: those that it has no room for come back untried, and each time counts as an attempt. "
            f"Set concurrency={fetched}, or a max_concurrency of its queues that adds up to no more than it",
        )


def _fetched(draft: Draft, source: Resource, subscription: Subscription | None, function: Function) -> int:
    sound = draft.sound(subscription) if subscription else None
    return mapped_concurrency(sound if isinstance(source, Queue) else None, function.concurrency) or 0
