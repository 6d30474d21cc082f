"""What a function gives up of ticks, and of what is started: no dead-letter queue is declared for it.

Each has a topic, and a subscription of the same name that keeps what comes there.
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_gcp import pubsub

from isthmus.components.arguments import ComponentArgs
from isthmus.components.renames import former_name
from isthmus.declarations.function import Function
from isthmus.deployment import Deployment
from isthmus_gcp.infra import subscriber
from isthmus_gcp.infra.completed import own_dead_letters
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.deployables import of_declared
from isthmus_gcp.infra.known_as import known_as
from isthmus_gcp.infra.subscriber import Delivery, subscribe
from isthmus_gcp.infra.topics import PUBLISHER, TOPIC, let_park, let_publish, make_topic
from isthmus_gcp.infra.ways import Way
from isthmus_gcp.names import inbox_dead_letters_name

_RETENTION = 14 * 24 * 3600


class DeadLetters(GoogleComponent[ComponentArgs]):
    """What a function gives up, by the name of what it came from: `topics`."""

    token = "isthmus:gcp:DeadLetters"
    children = (TOPIC, PUBLISHER, *subscriber.CHILDREN)

    def __init__(self, declared: Function, deployment: Deployment) -> None:
        plan = deployment.plan
        args = ComponentArgs(renamed_from=former_name(plan.app, declared.name))
        super().__init__(declared.name, args, deployment, tags=declared.tags)
        self.topics: dict[str, pubsub.Topic] = {}
        for delivery in own_dead_letters(plan, of_declared(declared, plan)):
            name = inbox_dead_letters_name(plan.app, plan.target, delivery.source, declared)
            self.topics[delivery.source.name] = self._keep(name, declared, known_as(self, delivery.source))
        self.done()

    def _keep(self, name: str, declared: Function, of: str) -> pubsub.Topic:
        topic = make_topic(self, name, of=of)
        let_publish(self, topic, [declared.name], of=of)
        let_park(self, topic, of=of)
        way = Way(name=name, source=declared, origin=declared)
        subscribe(self, topic, way, None, Delivery(retention=_RETENTION), of=of)
        return topic


def given_up(deployment: Deployment, declared: Function) -> Mapping[str, pubsub.Topic]:
    """Return the topics of what a function gives up, made once; none where each source has a dead-letter queue."""
    if not own_dead_letters(deployment.plan, of_declared(declared, deployment.plan)):
        return {}
    return deployment.once(("dead letters", declared.name), lambda: DeadLetters(declared, deployment)).topics
