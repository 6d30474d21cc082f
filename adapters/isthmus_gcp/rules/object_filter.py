"""What a function hears of a bucket, in Pub/Sub's language: the attributes of a notification say what has happened.

https://cloud.google.com/storage/docs/pubsub-notifications#attributes
"""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.declarations.subscription import Subscription
from isthmus_gcp.rules.filter_language import joined, quoted

CREATED = "OBJECT_FINALIZE"
DELETED = "OBJECT_DELETE"
ARCHIVED = "OBJECT_ARCHIVE"
"""What becomes of an object that is deleted where versions are kept."""

_OVERWRITTEN = "NOT attributes:overwrittenByGeneration"
"""What goes because something else comes under its name is not removed."""


def event_types(subscriptions: Sequence[Subscription], *, versioned: bool) -> list[str]:
    """Return the types of event that any of the subscriptions asks for."""
    return sorted({kind for subscription in subscriptions for kind in _types(subscription, versioned=versioned)})


def expression(subscriptions: Sequence[Subscription], told: Sequence[str], *, versioned: bool) -> str:
    """Return the filter of one function's subscriptions to a bucket, "" for none: what any of them asks for passes.

    `told` are the types of event that the bucket's topic is told: only what is fewer needs to be said.
    """
    asked = [_asked(subscription, told, versioned=versioned) for subscription in subscriptions]
    passing = [joined(asked, "OR")] if all(asked) else []
    removed = any("removed" in subscription.events for subscription in subscriptions)
    parts = [*passing, *([_OVERWRITTEN] if removed else [])]
    return joined(parts, "AND") if parts else ""


def _types(subscription: Subscription, *, versioned: bool) -> list[str]:
    names = {"created": CREATED, "removed": ARCHIVED if versioned else DELETED}
    return [names[event] for event in names if event in subscription.events]


def _asked(subscription: Subscription, told: Sequence[str], *, versioned: bool) -> str:
    types = _types(subscription, versioned=versioned)
    parts = [f"attributes.eventType = {quoted(kind)}" for kind in types] if set(types) < set(told) else []
    if subscription.prefix:
        parts.append(f"hasPrefix(attributes.objectId, {quoted(subscription.prefix)})")
    return joined(parts, "AND") if parts else ""
