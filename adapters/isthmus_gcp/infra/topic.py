"""A topic, and its subscriptions for functions; those of queues belong to the queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.declarations import topic as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.completed import dead_letters_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_as
from isthmus_gcp.infra.roster import linked
from isthmus_gcp.infra.subscriber import Delivery, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, TOPIC, let_publish, make_topic
from isthmus_gcp.infra.ways import ways_of
from isthmus_gcp.rules.filter_language import expression


@dataclass(frozen=True, kw_only=True)
class TopicArgs(ComponentArgs):
    """A topic; what a function has not taken is kept for `retention` seconds.

    A subscription's filter cannot be changed: with another one Pulumi would make it anew, which Pub/Sub refuses while
    the old one is there with what it holds. `pulumi destroy --target` takes that away, once it is empty.
    https://cloud.google.com/pubsub/docs/subscription-message-filter
    """

    bounds: ClassVar[Bounds] = {"retention": (600, 31 * 24 * 3600)}

    retention: int = 7 * 24 * 3600

    @classmethod
    def of(cls, declared: declarations.Topic, plan: Plan) -> TopicArgs:
        """Return the arguments of a declared topic, after the transforms."""
        return settled(cls, declared, plan, {})


class Topic(GoogleComponent[TopicArgs]):
    """A topic; each subscription of a function is a child named after it."""

    token = "isthmus:gcp:Topic"
    children = (TOPIC, PUBLISHER, *subscriber.CHILDREN)
    takes = TopicArgs

    def __init__(self, declared: declarations.Topic, deployment: Deployment) -> None:
        super().__init__(declared.name, TopicArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self.topic = make_topic(self, self.physical)
        deployment.begun(declared, self)
        let_publish(self, self.topic, [name for name, _ in linked(deployment, declared)])
        for subscription in deployment.plan.app.subscriptions:
            if subscription.source is declared and isinstance(subscription.target, Function):
                self._deliver(declared, subscription, subscription.target)
        self.done(name=self.physical)

    def _deliver(self, declared: declarations.Topic, subscription: Subscription, function: Function) -> None:
        plan = self.deployment.plan
        dead_letters = dead_letters_of(plan, declared)
        delivery = Delivery(
            attempts=subscription.max_attempts,
            retention=self.args.retention,
            filter=expression(subscription.filter),
            dead_letters=self.deployment.component(dead_letters).topic if dead_letters is not None else None,
        )
        way = next(way for way in ways_of(plan, function) if way.origin is declared and way.source is declared)
        reader = self.deployment.component(function)
        subscribe(self, self.topic, way, reader, delivery, of=known_as(self, function))
