"""How events reach a function: the Pub/Sub subscriptions that it has, each pushed to it or drained by it.

https://cloud.google.com/pubsub/docs/subscriber
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.stream import Stream
from isthmus.plan import Plan
from isthmus.wiring import Delivery, deliveries
from isthmus_gcp.infra.function_args import FunctionArgs
from isthmus_gcp.names import inbox_name, queue_subscriptions, subscription_name
from isthmus_gcp.rules.minutes import is_pulled

PUSHED_KINDS = ("queue", "topic", "stream", "bucket")
"""Kinds of event that Pub/Sub brings."""

HANDED_OVER = ("table", "schedule")
"""Kinds of event that come otherwise, and through the function's inbox once they have failed."""

LONGEST_PUSH = 600
"""Seconds: the longest acknowledgement deadline."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A subscription named `name` to the topic of `origin`, for a function that has it as events of `source`.

    What is `pulled` is drained, `batch` messages at a time, each `window` seconds, by `most` drains at once (None: any
    number).
    """

    name: str
    source: Resource
    origin: Resource
    pulled: bool = False
    batch: int = 1
    window: float = 0
    most: int | None = None
    ordered: bool = False


def ways_of(plan: Plan, function: Function) -> list[Way]:
    """Return the subscriptions of a function, its inbox's last."""
    found = [delivery for delivery in deliveries(plan.app) if delivery.function is function]
    long = FunctionArgs.of(function, plan).timeout > LONGEST_PUSH
    ways = [way for delivery in found for way in _ways(plan, delivery, long=long)]
    ways = list({way.name: way for way in ways}.values())  # a function may subscribe to a bucket more than once
    if any(delivery.kind in HANDED_OVER for delivery in found):
        name = inbox_name(plan.app, plan.target, function)
        ways.append(Way(name=name, source=function, origin=function, pulled=long))
    return ways


def _ways(plan: Plan, delivery: Delivery, *, long: bool) -> Iterator[Way]:
    source, subscription = delivery.source, delivery.subscription
    if delivery.kind not in PUSHED_KINDS or subscription is None:
        return
    if isinstance(source, Queue):
        origins = queue_subscriptions(plan.app, plan.target, source)
    else:
        origins = {subscription_name(plan.app, plan.target, source, delivery.function): source}
    for name, origin in origins.items():
        yield Way(
            name=name,
            source=source,
            origin=origin,
            pulled=long or is_pulled(subscription),
            batch=subscription.batch if is_pulled(subscription) else 1,
            window=subscription.batch_window,
            most=subscription.max_concurrency,
            ordered=isinstance(source, Stream) or (isinstance(source, Queue) and source.fifo),
        )
