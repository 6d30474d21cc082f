"""A subscription of Pub/Sub's, as a child of whatever it is a subscription to: pushed to a function, drained, or kept.

https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import pulumi
from pulumi_gcp import pubsub

from isthmus.components.component import Node
from isthmus.sources import ATTEMPTS, MAX_RETRY_DELAY, RETRY_DELAY
from isthmus_gcp.infra.account import Account
from isthmus_gcp.infra.agents import agent
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.function_args import FunctionArgs
from isthmus_gcp.infra.ways import LONGEST_PUSH, Way

SUBSCRIPTION = Node("subscription", pubsub.Subscription, holds_data=True)
ACCESS = Node("subscription_access", pubsub.SubscriptionIAMMember)

CHILDREN = (SUBSCRIPTION, ACCESS)

SUBSCRIBER = "roles/pubsub.subscriber"
"""To pull, extend and acknowledge: https://cloud.google.com/pubsub/docs/access-control#pubsub.subscriber."""

_SHORTEST_DEADLINE = 10
PULLED_DEADLINE = 30
"""Seconds for which a pulled message waits for the drain, which extends its lease as soon as it is there.

A pull that its client has given up may still be handed messages: they come again after these.
https://cloud.google.com/pubsub/docs/lease-management
"""
_LEAST_DELIVERIES, _MOST_DELIVERIES = 5, 100
_LEFT = 3
_LONGEST_BACKOFF = 600

NEVER = {"ttl": ""}
"""A subscription that nobody asks anything of for 31 days would be deleted, and its messages with it."""


class Reader(Protocol):
    """A function's component, of which whoever sends it events needs to know no more."""

    @property
    def args(self) -> FunctionArgs:
        """Its arguments, after the transforms."""
        ...

    @property
    def account(self) -> Account:
        """Who it is, and who calls it for Pub/Sub."""
        ...

    @property
    def address(self) -> str:
        """Where it is called."""
        ...

    @property
    def callable(self) -> list[pulumi.Resource]:
        """What is to be there before anything calls it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How a subscription delivers: seconds, and where what is given up goes to (None: it is tried until it is gone)."""

    attempts: int = ATTEMPTS
    delay: float = RETRY_DELAY
    max_delay: float = MAX_RETRY_DELAY
    deadline: float = 0
    retention: int = 7 * 24 * 3600
    filter: str = ""
    dead_letters: pubsub.Topic | None = None


def subscribe(
    owner: GoogleComponent[Any],
    topic: pubsub.Topic,
    way: Way,
    reader: Reader | None,
    delivery: Delivery,
    *,
    of: str = "",
    adopt: str = "",
) -> pubsub.Subscription:
    """Make the subscription of `way` to a topic; without a reader it keeps what it gets."""
    pushed = _push(reader) if reader is not None and not way.pulled else {}
    arguments = {
        **_shared(owner, topic, way, delivery),
        "ack_deadline_seconds": PULLED_DEADLINE if way.pulled else _deadline(delivery, reader),
        **(_retried(delivery) if reader is not None else {}),
        **pushed,
    }
    before = reader.callable if reader is not None else []
    made = owner.child(SUBSCRIPTION, arguments, of=of, adopt=adopt or path(owner, way.name), depends_on=before)
    if reader is not None and way.pulled:
        role, of_reader = {"role": SUBSCRIBER, "member": reader.account.member}, f"{of}-reader" if of else "reader"
        grant(owner, made, role, of=of_reader, depends_on=[reader.account.account])
    if reader is not None and delivery.dead_letters is not None:
        given = agent(owner.deployment, "pubsub")
        granted: dict[str, Any] = {"role": SUBSCRIBER, "member": given.member}
        grant(owner, made, granted, of=f"{of}-agent" if of else "agent", depends_on=[given.identity])
    return made


def grant(
    owner: GoogleComponent[Any],
    subscription: pubsub.Subscription,
    granted: dict[str, Any],
    *,
    of: str,
    depends_on: list[pulumi.Resource],
) -> None:
    """Grant a role on one subscription."""
    arguments = {"project": owner.project, "subscription": subscription.name, **granted}
    owner.child(ACCESS, arguments, of=of, depends_on=depends_on)


def path(owner: GoogleComponent[Any], name: str) -> str:
    """Return the full path of a subscription."""
    return f"projects/{owner.project}/subscriptions/{name}"


def seconds(value: float) -> str:
    """Return a duration as Google's APIs take it."""
    written = f"{value:.9f}".rstrip("0").rstrip(".")  # a nanosecond is the least
    return f"{written}s"


def deliveries(attempts: int) -> int:
    """Return the delivery after which Pub/Sub itself gives a message up, behind the function's own counting.

    It counts approximately, and also what no handler has tried: https://cloud.google.com/pubsub/docs/handling-failures.
    """
    return min(_MOST_DELIVERIES, max(_LEAST_DELIVERIES, attempts + max(_LEAST_DELIVERIES, _LEFT * attempts)))


def _shared(owner: GoogleComponent[Any], topic: pubsub.Topic, way: Way, delivery: Delivery) -> dict[str, Any]:
    return {
        "project": owner.project,
        "name": way.name,
        "topic": topic.id,
        "message_retention_duration": seconds(delivery.retention),
        "retain_acked_messages": False,
        "expiration_policy": NEVER,
        "enable_message_ordering": way.ordered,
        **({"filter": delivery.filter} if delivery.filter else {}),
    }


def _retried(delivery: Delivery) -> dict[str, Any]:
    slowest = min(max(delivery.max_delay, delivery.delay), _LONGEST_BACKOFF)
    backoff = {
        "minimum_backoff": seconds(min(delivery.delay, slowest)),
        "maximum_backoff": seconds(slowest),
    }
    if delivery.dead_letters is None:
        return {"retry_policy": backoff}
    given_up = {"dead_letter_topic": delivery.dead_letters.id, "max_delivery_attempts": deliveries(delivery.attempts)}
    return {"retry_policy": backoff, "dead_letter_policy": given_up}


def _deadline(delivery: Delivery, reader: Reader | None) -> int:
    """Return the seconds until a message that is neither acknowledged nor refused comes again."""
    longest = max(delivery.deadline, reader.args.timeout if reader is not None else 0)
    return min(LONGEST_PUSH, max(_SHORTEST_DEADLINE, math.ceil(longest)))


def _push(reader: Reader) -> dict[str, Any]:
    """https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions"""
    token = {"service_account_email": reader.account.email, "audience": reader.address}
    return {"push_config": {"push_endpoint": reader.address, "oidc_token": token}}
