"""A topic on SNS, and the queues and inboxes that it delivers to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import sns

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import topic as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.inbox import PUSHED, open_inbox
from isthmus_aws.infra.mapping import known_as
from isthmus_aws.infra.policies import allow_service, document
from isthmus_aws.infra.redrive import dead_letters_of
from isthmus_aws.infra.transport import refuse_unencrypted
from isthmus_aws.rules.filter_policy import SCOPE, filter_policy

TOPIC = Node("topic", sns.Topic, holds_data=True)  # what it has taken and not delivered yet
POLICY = Node("policy", sns.TopicPolicy)
SUBSCRIPTION = Node("subscription", sns.TopicSubscription)


@dataclass(frozen=True, kw_only=True)
class TopicArgs(ComponentArgs):
    """A topic on SNS; `display_name` is what e-mails of its are from."""

    display_name: str = ""

    @classmethod
    def of(cls, declared: declarations.Topic, plan: Plan) -> TopicArgs:
        """Return the arguments of a declared topic, after the transforms."""
        return settled(cls, declared, plan, {})


class Topic(Component[TopicArgs]):
    """A topic; each subscription is a child named after its queue or function."""

    token = "isthmus:aws:Topic"
    children = (TOPIC, POLICY, SUBSCRIPTION, *PUSHED)
    takes = TopicArgs

    def __init__(self, declared: declarations.Topic, deployment: Deployment) -> None:
        super().__init__(declared.name, TopicArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self._arn = Arns(deployment.plan).of(declared)
        arguments = {"name": self.physical, "display_name": self.args.display_name or None}
        self.topic = self.child(TOPIC, arguments, adopt=self._arn)
        policy = document([refuse_unencrypted("sns:Publish", [self._arn])])
        self.policy = self.child(POLICY, {"arn": self.topic.arn, "policy": policy})
        for subscription in deployment.plan.app.subscriptions:
            if subscription.source is declared:
                self._deliver(declared, subscription)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The topic's ARN."""
        return self.topic.arn

    def _deliver(self, declared: declarations.Topic, subscription: Subscription) -> None:
        target = subscription.target
        if isinstance(target, Function):
            inbox = self._inbox(declared, subscription, target)
            self._subscribe(declared, subscription, inbox.arn, inbox.policy)
        elif isinstance(target, Queue):
            queue = self.deployment.component(target)
            self._subscribe(declared, subscription, queue.arn, queue.policy)

    def _inbox(self, declared: declarations.Topic, subscription: Subscription, function: Function) -> Any:
        plan = self.deployment.plan
        arn = Arns(plan).inbox(declared, function)
        send = allow_service("sns", ["sqs:SendMessage"], [arn], source=self._arn, account=plan.target.account)
        return open_inbox(
            self, declared, function, subscription=subscription, allowed=[send], of=known_as(self, function)
        )

    def _subscribe(
        self, declared: declarations.Topic, subscription: Subscription, queue: Any, policy: pulumi.Resource
    ) -> None:
        """Raw delivery: the message's own body and attributes, without SNS's envelope.

        https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
        """
        undelivered = dead_letters_of(self.deployment.plan, declared)
        before = [policy, *([self.deployment.component(undelivered).policy] if undelivered else [])]
        arguments = {
            "topic": self.topic.arn,
            "protocol": "sqs",
            "endpoint": queue,
            "raw_message_delivery": True,
            **_filtered(subscription),
            **self._redriven(undelivered),
        }
        self.child(SUBSCRIPTION, arguments, of=known_as(self, subscription.target), depends_on=before)

    def _redriven(self, undelivered: Queue | None) -> dict[str, str]:
        """https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html"""
        if undelivered is None:
            return {}
        arn = Arns(self.deployment.plan).of(undelivered)
        return {"redrive_policy": json.dumps({"deadLetterTargetArn": arn})}


def _filtered(subscription: Subscription) -> dict[str, str]:
    if not subscription.filter:
        return {}
    policy = json.dumps(filter_policy(subscription.filter), sort_keys=True)
    return {"filter_policy": policy, "filter_policy_scope": SCOPE}
