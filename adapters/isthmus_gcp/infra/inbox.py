"""The inbox of a function: what brings back what failed there once.

Eventarc and Cloud Scheduler count no attempts that a function could see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pulumi_gcp import pubsub

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.components.renames import former_name
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.deployment import Deployment
from isthmus.wiring import deliveries
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.completed import dead_letters_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.dead_letters import given_up
from isthmus_gcp.infra.subscriber import Delivery, Reader, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, let_publish, make_topic
from isthmus_gcp.infra.ways import HANDED_OVER, ways_of
from isthmus_gcp.names import inbox_name

INBOX = Node("inbox", pubsub.Topic, holds_data=True)


class Inbox(GoogleComponent[ComponentArgs]):
    """A topic that a function publishes to and reads, with a subscription of the same name."""

    token = "isthmus:gcp:Inbox"
    children = (INBOX, PUBLISHER, *subscriber.CHILDREN)

    def __init__(self, declared: Function, deployment: Deployment, reader: Reader) -> None:
        plan = deployment.plan
        args = ComponentArgs(renamed_from=former_name(plan.app, declared.name))
        super().__init__(declared.name, args, deployment, tags=declared.tags)
        name = inbox_name(plan.app, plan.target, declared)
        topic = make_topic(self, name, node=INBOX)
        let_publish(self, topic, [declared.name])
        way = next(way for way in ways_of(plan, declared) if way.name == name)
        sources = [one.source for one in deliveries(plan.app) if one.function is declared and one.kind in HANDED_OVER]
        net = self._net(declared, sources[0])
        subscribe(self, topic, way, reader, Delivery(attempts=self._attempts(sources), dead_letters=net))
        self.done(name=name)

    def _net(self, declared: Function, source: Resource) -> pubsub.Topic | None:
        """Return where Pub/Sub itself gives up to, if it must: one topic, of whatever is handed over first."""
        dead_letters = dead_letters_of(self.deployment.plan, source)
        if dead_letters is None:
            return given_up(self.deployment, declared).get(source.name)
        topic: pubsub.Topic = self.deployment.component(dead_letters).topic
        return topic

    def _attempts(self, sources: Sequence[Any]) -> int:
        found = [
            s.max_attempts for s in self.deployment.plan.app.subscriptions if any(s.source is one for one in sources)
        ]
        return max([Delivery().attempts, *found])


def open_inbox(deployment: Deployment, declared: Function, reader: Reader) -> Inbox:
    """Return the inbox of a function, made once: for whatever brings it events otherwise than Pub/Sub does.

    A function cannot make its own: the way from there may lead to a queue that it reads itself.
    """
    return deployment.once(("inbox", declared.name), lambda: Inbox(declared, deployment, reader))
