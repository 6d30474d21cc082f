"""A stream: a topic that keeps its records, with an ordered subscription for each function that reads it.

https://cloud.google.com/pubsub/docs/ordering
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.declarations import stream as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.completed import dead_letters_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_as
from isthmus_gcp.infra.roster import linked
from isthmus_gcp.infra.subscriber import Delivery, seconds, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, TOPIC, let_publish, make_topic
from isthmus_gcp.infra.ways import ways_of


@dataclass(frozen=True, kw_only=True)
class StreamArgs(ComponentArgs):
    """A stream; `retention` is in seconds."""

    # https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics#resource:-topic
    bounds: ClassVar[Bounds] = {"retention": (600, 31 * 24 * 3600)}

    retention: int = 24 * 3600

    @classmethod
    def of(cls, declared: declarations.Stream, plan: Plan) -> StreamArgs:
        """Return the arguments of a declared stream, after the transforms."""
        return settled(cls, declared, plan, {"retention": declared.retention})


class Stream(GoogleComponent[StreamArgs]):
    """A topic whose records stay for a time, whoever has read them: a subscription can go back to any moment of it.

    https://cloud.google.com/pubsub/docs/replay-overview
    """

    token = "isthmus:gcp:Stream"
    children = (TOPIC, PUBLISHER, *subscriber.CHILDREN)
    takes = StreamArgs

    def __init__(self, declared: declarations.Stream, deployment: Deployment) -> None:
        super().__init__(declared.name, StreamArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        kept = seconds(self.args.retention)
        self.topic = make_topic(self, self.physical, message_retention_duration=kept)
        let_publish(self, self.topic, [name for name, _ in linked(deployment, declared)])
        for subscription in deployment.plan.app.subscriptions:
            if subscription.source is declared and isinstance(subscription.target, Function):
                self._read(declared, subscription, subscription.target)
        self.done(name=self.physical)

    def _read(self, declared: declarations.Stream, subscription: Subscription, function: Function) -> None:
        plan = self.deployment.plan
        dead_letters = dead_letters_of(plan, declared)
        delivery = Delivery(
            attempts=subscription.max_attempts,
            retention=self.args.retention,
            dead_letters=self.deployment.component(dead_letters).topic if dead_letters is not None else None,
        )
        way = next(way for way in ways_of(plan, function) if way.source is declared)
        subscribe(self, self.topic, way, self.deployment.component(function), delivery, of=known_as(self, function))
