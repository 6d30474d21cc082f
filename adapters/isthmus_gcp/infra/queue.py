"""A queue: a topic, with a subscription, and one more on each topic that is subscribed to it.

Pub/Sub forwards nothing from topic to topic; all the subscriptions deliver to the queue's function as that queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pulumi_gcp import pubsub

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.components.renames import former_name
from isthmus.declarations import queue as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.completed import dead_letters_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_as
from isthmus_gcp.infra.roster import linked, parking
from isthmus_gcp.infra.sent import sent
from isthmus_gcp.infra.subscriber import Delivery, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, TOPIC, let_park, let_publish, make_topic
from isthmus_gcp.infra.ways import Way, ways_of
from isthmus_gcp.names import queue_subscriptions
from isthmus_gcp.rules.filter_language import expression


@dataclass(frozen=True, kw_only=True)
class QueueArgs(ComponentArgs):
    """A queue, besides what its declaration says; times are in seconds.

    `deadline` is how long Pub/Sub waits for a message to be acknowledged: the declared visibility timeout, 10 at least,
    600 at most. Where the queue is pulled it is not asked: the drain extends each lease for as long as it is at work.
    """

    # https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
    bounds: ClassVar[Bounds] = {"deadline": (0, None), "retention": (600, 31 * 24 * 3600)}

    deadline: float = 180
    retention: int = 4 * 24 * 3600

    @classmethod
    def of(cls, declared: declarations.Queue, plan: Plan) -> QueueArgs:
        """Return the arguments of a declared queue, after the transforms."""
        values = {
            "deadline": declared.visibility_timeout,
            "retention": declared.retention,
            "renamed_from": former_name(plan.app, declared.name),  # a dead-letter queue is renamed with its source
        }
        return settled(cls, declared, plan, values)


class Queue(GoogleComponent[QueueArgs]):
    """A queue; a dead-letter queue is one as well. `topic` is the raw one."""

    token = "isthmus:gcp:Queue"
    children = (TOPIC, PUBLISHER, *subscriber.CHILDREN)
    takes = QueueArgs

    def __init__(self, declared: declarations.Queue, deployment: Deployment) -> None:
        super().__init__(declared.name, QueueArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self.topic = make_topic(self, self.physical)
        deployment.begun(declared, self)  # a topic's dead letters may be subscribed to another one that needs this
        let_publish(self, self.topic, [*(name for name, _ in linked(deployment, declared)), *self._parking()])
        if self._is_for_dead_letters(declared):
            let_park(self, self.topic)
        if declared.fifo:
            sent(deployment)  # for those who send from outside, too
        self._subscribe(declared)
        self.done(name=self.physical)

    def _parking(self) -> list[str]:
        return list(parking(self.deployment, self.physical))

    def _is_for_dead_letters(self, declared: declarations.Queue) -> bool:
        sources: list[Any] = self.deployment.plan.resources
        return any(getattr(resource, "dead_letters", None) is declared for resource in sources)

    def _subscribe(self, declared: declarations.Queue) -> None:
        plan = self.deployment.plan
        function = next((s.target for s in plan.app.subscriptions if s.source is declared), None)
        reader = self.deployment.component(function) if isinstance(function, Function) else None
        ways = {way.name: way for way in ways_of(plan, function)} if isinstance(function, Function) else {}
        for name, origin in queue_subscriptions(plan.app, plan.target, declared).items():
            kept = Way(name=name, source=declared, origin=origin, ordered=declared.fifo)
            delivery = self._delivery(declared, origin)
            of = "" if origin is declared else known_as(self, origin)
            subscribe(self, self._topic(origin), ways.get(name, kept), reader, delivery, of=of)

    def _topic(self, origin: Resource) -> pubsub.Topic:
        topic: pubsub.Topic = self.topic if origin.name == self.name else self.deployment.component(origin).topic
        return topic

    def _delivery(self, declared: declarations.Queue, origin: Resource) -> Delivery:
        plan = self.deployment.plan
        dead_letters = dead_letters_of(plan, declared)
        return Delivery(
            attempts=declared.max_attempts,
            delay=declared.retry_delay,
            max_delay=declared.max_retry_delay,
            deadline=self.args.deadline,
            retention=self.args.retention,
            filter=_filter(plan, declared, origin),
            dead_letters=self.deployment.component(dead_letters).topic if dead_letters is not None else None,
        )


def _filter(plan: Plan, queue: declarations.Queue, origin: Resource) -> str:
    found: list[Subscription] = [s for s in plan.app.subscriptions if s.source is origin and s.target is queue]
    return expression(found[0].filter) if found else ""
