"""Bucket events: what Pub/Sub's filter has no room for, and what one subscription of a function cannot tell apart.

https://cloud.google.com/storage/docs/pubsub-notifications, https://cloud.google.com/pubsub/quotas#resource_limits
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.problem import Problem
from isthmus.declarations.subscription import Subscription
from isthmus_gcp.rules.filter_language import LONGEST, size
from isthmus_gcp.rules.object_filter import event_types, expression

_TOLD_APART = ("skip", "suffix", "max_attempts")


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the subscriptions to a bucket that cannot be made as they are declared."""
    for bucket in (resource for resource in draft.resources if isinstance(resource, Bucket)):
        by_function: dict[str, list[Subscription]] = {}
        for subscription, function in draft.deliveries:
            if subscription.source is bucket:
                by_function.setdefault(function.name, []).append(subscription)
        versioned = draft.sound(bucket).versioned
        told = event_types([s for found in by_function.values() for s in found], versioned=versioned)
        for found in by_function.values():
            for fault in (*_differing(found), *_too_long(found, told, versioned=versioned)):
                yield Problem(found[-1].where, f"subscription to {label(bucket)}: {fault}")


def _differing(found: list[Subscription]) -> Iterator[str]:
    first = found[0]
    for later in found[1:]:
        for option in _TOLD_APART:
            if getattr(first, option) != getattr(later, option):
                yield (
                    f"its function subscribes at {first.where} as well, with another {option}, and both arrive by one "
                    f"subscription of Pub/Sub's: give both the same {option}, or make two functions of it"
                )


def _too_long(found: list[Subscription], told: list[str], *, versioned: bool) -> Iterator[str]:
    bytes_ = size(expression(found, told, versioned=versioned))
    if bytes_ > LONGEST:
        yield (
            f"its prefixes come to {bytes_} bytes in Pub/Sub's language, of which there may be {LONGEST}: take a "
            "shorter prefix, or look at the key in the handler"
        )
