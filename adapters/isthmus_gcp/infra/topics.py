"""Topics of Pub/Sub: the raw one, and who may publish to it.

https://cloud.google.com/pubsub/docs/access-control
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pulumi
from pulumi_gcp import pubsub

from isthmus.components.component import Node
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.agents import agent
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_name

TOPIC = Node("topic", pubsub.Topic, holds_data=True)  # what it has taken and not delivered yet
PUBLISHER = Node("publisher", pubsub.TopicIAMMember)

PUBLISH = "roles/pubsub.publisher"


def make_topic(
    owner: GoogleComponent[Any], name: str, *, node: Node[pubsub.Topic] = TOPIC, of: str = "", **arguments: Any
) -> pubsub.Topic:
    """Make a topic by its fixed name."""
    known = {"project": owner.project, "name": name, **arguments}
    return owner.child(node, known, of=of, adopt=f"projects/{owner.project}/topics/{name}")


def let_publish(owner: GoogleComponent[Any], topic: pubsub.Topic, functions: Iterable[str], *, of: str = "") -> None:
    """Let the accounts of functions publish to a topic."""
    for name in sorted(set(functions)):
        known, shown = account(owner.deployment, name), known_name(owner, name)
        let(owner, topic, known.member, of=f"{of}-{shown}" if of else shown, depends_on=[known.account])


def let_park(owner: GoogleComponent[Any], topic: pubsub.Topic, *, of: str = "") -> None:
    """Let Pub/Sub itself publish what it gives up: https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions."""
    known = agent(owner.deployment, "pubsub")
    let(owner, topic, known.member, of=f"{of}-agent" if of else "agent", depends_on=[known.identity])


def let(
    owner: GoogleComponent[Any],
    topic: pubsub.Topic,
    member: pulumi.Input[str],
    *,
    of: str,
    depends_on: list[pulumi.Resource],
) -> pubsub.TopicIAMMember:
    """Let a member publish to one topic."""
    arguments = {"project": owner.project, "topic": topic.name, "role": PUBLISH, "member": member}
    return owner.child(PUBLISHER, arguments, of=of, depends_on=depends_on)
