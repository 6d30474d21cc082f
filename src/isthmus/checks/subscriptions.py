"""Subscriptions: each delivers something, once, to somebody who can take it."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus import filters
from isthmus.checks.draft import Draft, label
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.topic import Topic
from isthmus.shapes import shown
from isthmus.wiring import grants

OBJECT_EVENTS = ("created", "removed")
"""What may happen to an object of a bucket."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the subscriptions that cannot deliver, or that deliver twice."""
    for declared in draft.app.subscriptions:
        subscription = draft.sound(declared)
        for fault in (*_faults(declared), *_bucket_faults(declared, subscription)):
            yield Problem(declared.where, f"subscription to {label(declared.source)}: {fault}")
    yield from _twice(draft)


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the functions that may set themselves off, by writing into the bucket whose events they get."""
    for subscription, function in draft.deliveries:
        writes = any(g.resource is subscription.source and "write" in g.verbs for g in grants(function.link))
        narrowed = subscription.skip or subscription.prefix or subscription.suffix
        if isinstance(subscription.source, Bucket) and writes and not narrowed:
            loop = f"{label(function)} gets every event of {label(subscription.source)} and may write into it"
            yield Problem(subscription.where, f"{loop}: skip=['processed/'] keeps it from setting itself off")


def _faults(declared: Subscription) -> Iterator[str]:
    if isinstance(declared.source, Topic):
        yield from (f"filter: {fault}" for fault in filters.faults(declared.filter))
    if declared.target.app is not declared.source.app:
        yield f"{label(declared.target)} belongs to another app"
    if isinstance(declared.source, Topic) and isinstance(declared.target, Queue) and declared.target.fifo:
        yield f"{label(declared.target)} is ordered by groups (fifo), and a topic's messages have none"


def _bucket_faults(declared: Subscription, subscription: Subscription) -> Iterator[str]:
    if not isinstance(subscription.source, Bucket):
        return
    if declared.events in ((), []):
        yield f"events is empty, so that nothing is delivered: name {' or '.join(OBJECT_EVENTS)}"
    for event in subscription.events:
        if event not in OBJECT_EVENTS:
            yield f"there is no event {shown(event)}: {did_you_mean(event, OBJECT_EVENTS)}"
    for skipped in subscription.skip:
        if subscription.prefix.startswith(skipped):
            yield f"skip={shown(skipped)} skips everything under prefix={shown(subscription.prefix)}"


def _twice(draft: Draft) -> Iterator[Problem]:
    pairs: dict[tuple[int, int], Subscription] = {}
    consumers: dict[int, Subscription] = {}
    for subscription in draft.app.subscriptions:
        source, target = subscription.source, subscription.target
        earlier = pairs.setdefault((id(source), id(target)), subscription)
        if earlier is not subscription and not isinstance(source, Bucket):
            already = f"{label(target)} subscribes to {label(source)} already, at {earlier.where}"
            yield Problem(subscription.where, already)
        elif isinstance(source, Queue):
            first = consumers.setdefault(id(source), subscription)
            if first is not subscription:
                yield Problem(subscription.where, _competing(source, target, first))


def _competing(queue: Queue, target: Resource, first: Subscription) -> str:
    return (
        f"{label(queue)} is consumed by {label(first.target)} already (at {first.where}), so that {label(target)} "
        f"would get only some of its messages: for both to get all of them, subscribe two queues to a topic"
    )
