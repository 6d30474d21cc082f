"""Topics: what Pub/Sub's language of filters cannot say, and what a queue does not do with a topic's messages.

https://cloud.google.com/pubsub/docs/subscription-message-filter, https://cloud.google.com/pubsub/quotas#resource_limits
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus import filters
from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.topic import Topic
from isthmus_gcp.rules.filter_language import LONGEST, NoFilterError, expression, size

_MOST_SUBSCRIPTIONS = 10_000


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the subscriptions to topics that cannot be made."""
    for declared in draft.app.subscriptions:
        if isinstance(declared.source, Topic):
            for fault in (*_filter_faults(declared), *_queue_faults(declared)):
                yield Problem(declared.where, f"subscription to {label(declared.source)}: {fault}")


def _filter_faults(declared: Subscription) -> Iterator[str]:
    if filters.faults(declared.filter):
        return
    try:
        written = expression(declared.filter)
    except NoFilterError:
        return  # the capability's row says it
    if size(written) > LONGEST:
        yield (
            f"filter: it comes to {size(written)} bytes in Pub/Sub's language, of which there may be {LONGEST}: filter "
            "by fewer values, by a prefix, or by an attribute of its own that says what is asked"
        )


def _queue_faults(declared: Subscription) -> Iterator[str]:
    target = declared.target
    if not isinstance(target, Queue):
        return
    if target.delay:
        yield (
            f"{label(target)} has a delay, which Pub/Sub does not know: what comes from a topic would not wait: "
            "subscribe a function that sends to the queue"
        )
    source = declared.source
    if isinstance(source, Topic) and source.dead_letters is target:
        yield f"{label(target)} takes what could not be delivered of it, and would get all of it: take another queue"
