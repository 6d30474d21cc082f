"""Redrive: where SQS itself puts what was received too often, and which queues may put it there.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from isthmus.declarations.bucket import Bucket
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.topic import Topic
from isthmus.plan import Plan
from isthmus.wiring import deliveries
from isthmus_aws.infra.arns import Arns

_MOST_SOURCES = 10
_MOST_RECEIVES = 1000
_UNTRIED = 10
_LEAST_ORDERED = 100
_LEAST = 5
_LEFT = 3


def receives(attempts: int, *, fifo: bool = False) -> int:
    """Return the receive count past which SQS gives a message up.

    The function parks a message after its last attempt; this is for functions that cannot even start. SQS also counts
    what nobody has tried: what a function has no time for any more, is throttled for, or what is in a batch with a
    message that ends its process. So it takes more, and most where an ordered queue delivers again all that is behind
    a failed message.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    if fifo:
        return min(_MOST_RECEIVES, max(_LEAST_ORDERED, _UNTRIED * attempts))
    return min(_MOST_RECEIVES, attempts + max(_LEAST, _LEFT * attempts))


def redrive_policy(dead_letters: str, receive_count: int) -> str:
    """Return the policy of a queue that gives up to the queue with the ARN `dead_letters`."""
    return json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": receive_count}, sort_keys=True)


def redrive_allow_policy(sources: Sequence[str]) -> str:
    """Return the policy of a dead-letter queue: the queues with the ARNs `sources` give up to it, and no others.

    It can name ten; where there are more, it takes those of the account.
    """
    if len(sources) > _MOST_SOURCES:
        return json.dumps({"redrivePermission": "allowAll"})
    return json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": sorted(sources)}, sort_keys=True)


def dead_letters_of(plan: Plan, source: Resource) -> Queue | None:
    """Return the declared dead-letter queue of a source, if anything can fill it."""
    queue = getattr(source, "dead_letters", None)
    return queue if isinstance(queue, Queue) and any(queue is made for made in plan.resources) else None


def has_own_dead_letters(plan: Plan, source: Resource) -> bool:
    """Return whether the inbox of a source has a dead-letter queue of its own, for want of a declared one."""
    return source.kind not in ("queue", "stream", "table") and dead_letters_of(plan, source) is None


def sources_of(plan: Plan, dead_letters: Queue) -> list[str]:
    """Return the ARNs of the queues that give up to a declared dead-letter queue: one it belongs to, or inboxes."""
    arns = Arns(plan)
    own = [r for r in plan.resources if isinstance(r, Queue) and r.dead_letters is dead_letters]
    inboxes = [
        arns.inbox(delivery.source, delivery.function)
        for delivery in deliveries(plan.app)
        if isinstance(delivery.source, Topic | Bucket) and delivery.source.dead_letters is dead_letters
    ]
    return sorted({*map(arns.of, own), *inboxes})
