"""What Google adds to the identity of a function: where it parks what no declared dead-letter queue is for."""

from __future__ import annotations

from isthmus import links
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.wiring import Delivery, deliveries
from isthmus_gcp.infra.deployables import Deployable
from isthmus_gcp.names import delivery_names, inbox_dead_letters_name

_COUNTED = ("queue", "stream", "table")


def completed(deployable: Deployable, plan: Plan) -> Identity:
    """Return the identity of a function as the function itself is to know it."""
    copy = links.decode(links.encode(deployable.identity))
    app, target = plan.app, plan.target
    for delivery in own_dead_letters(plan, deployable):
        for name in delivery_names(app, target, delivery.source, delivery.function):
            if name in copy.sources:
                copy.sources[name].dead_letters = inbox_dead_letters_name(
                    app, target, delivery.source, delivery.function
                )
    return copy


def own_dead_letters(plan: Plan, deployable: Deployable) -> list[Delivery]:
    """Return how events reach a function whose source has no dead-letter queue: ticks, and what is started."""
    reaching = [delivery for delivery in deliveries(plan.app) if delivery.function is deployable.function]
    return [found for found in reaching if _has_none(plan, found.source)]


def dead_letters_of(plan: Plan, source: Resource) -> Queue | None:
    """Return the declared dead-letter queue of a source, if anything can fill it."""
    queue = getattr(source, "dead_letters", None)
    return queue if isinstance(queue, Queue) and any(queue is made for made in plan.resources) else None


def _has_none(plan: Plan, source: Resource) -> bool:
    return source.kind not in _COUNTED and dead_letters_of(plan, source) is None
