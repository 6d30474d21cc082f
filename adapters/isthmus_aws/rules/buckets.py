"""Bucket events: S3 tells one queue of an event, and refuses filters of which two could mean the same object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from isthmus.checks.draft import Draft, label
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.subscription import Subscription
from isthmus.shapes import shown

_MOST_BYTES = 1024
"""A key's longest, and so a filter's."""

_MOST_NOTIFICATIONS = 100


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the subscriptions to a bucket that S3 would refuse, or that one function could not tell apart."""
    for bucket in (resource for resource in draft.resources if isinstance(resource, Bucket)):
        found = [(s, f) for s, f in draft.deliveries if s.source is bucket]
        for subscription, _ in found:
            yield from (_problem(subscription, fault) for fault in _too_long(subscription))
        for (earlier, one), (later, other) in combinations(found, 2):
            fault = _overlap(earlier, later) or (_differing(earlier, later) if _same(one, other) else "")
            if fault:
                yield _problem(later, fault)
        if len(found) > _MOST_NOTIFICATIONS:
            most = f"has {len(found)} subscriptions, and S3 takes {_MOST_NOTIFICATIONS}"
            yield Problem(bucket.where, f"{label(bucket)} {most}: tell a topic, and subscribe to that")


def _problem(subscription: Subscription, fault: str) -> Problem:
    return Problem(subscription.where, f"subscription to {label(subscription.source)}: {fault}")


def _same(one: Function, other: Function) -> bool:
    return one.name == other.name


def _too_long(subscription: Subscription) -> Iterator[str]:
    for option in ("prefix", "suffix"):
        if len(getattr(subscription, option).encode("utf-8", "replace")) > _MOST_BYTES:
            yield f"its {option} is over {_MOST_BYTES} bytes, which no key has"


def _overlap(earlier: Subscription, later: Subscription) -> str:
    """Return why S3 refuses the second of two subscriptions: an object may pass both."""
    both = sorted(set(earlier.events) & set(later.events))
    prefixes = earlier.prefix.startswith(later.prefix) or later.prefix.startswith(earlier.prefix)
    suffixes = earlier.suffix.endswith(later.suffix) or later.suffix.endswith(earlier.suffix)
    if not (both and prefixes and suffixes):
        return ""
    return (
        f"S3 takes no two that the same object could pass, and {_filter(later)} overlaps with {_filter(earlier)} at "
        f"{earlier.where} for {' and '.join(both)}: let prefix or suffix keep them apart, or subscribe one function "
        "that publishes to a topic, and the others to that"
    )


def _filter(subscription: Subscription) -> str:
    parts = [f"{name}={shown(value)}" for name in ("prefix", "suffix") if (value := getattr(subscription, name))]
    return ", ".join(parts) or "every key"


def _differing(earlier: Subscription, later: Subscription) -> str:
    """Return what two subscriptions of one function differ in, which it could not tell from an event."""
    for option in ("skip", "max_attempts"):
        if getattr(earlier, option) != getattr(later, option):
            return (
                f"its function subscribes at {earlier.where} as well, with another {option}, and both arrive in one "
                f"queue: give both the same {option}, or make two functions of it"
            )
    return ""
