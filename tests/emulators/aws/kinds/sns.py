"""Topics, their policies and subscriptions."""

from __future__ import annotations

import json
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pick, tags, text
from tests.emulators.realiser.kind import Inputs, Kind, Made

_TOPIC = {
    "DisplayName": "displayName",
    "FifoTopic": "fifoTopic",
    "ContentBasedDeduplication": "contentBasedDeduplication",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "Policy": "policy",
    "TracingConfig": "tracingConfig",
}

_SUBSCRIPTION = {
    "FilterPolicy": "filterPolicy",
    "FilterPolicyScope": "filterPolicyScope",
    "RawMessageDelivery": "rawMessageDelivery",
    "RedrivePolicy": "redrivePolicy",
    "DeliveryPolicy": "deliveryPolicy",
}


def _topic(aws: Session, inputs: Inputs) -> Made:
    attributes = {name: text(value) for name, value in pick(inputs, **_TOPIC).items()}
    arn = aws.client("sns").create_topic(Name=inputs["name"], Attributes=attributes, Tags=tags(inputs))["TopicArn"]
    return Made(arn, {"arn": arn, "owner": aws.account})


def _change_topic(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    for name, value in pick(inputs, **_TOPIC).items():
        if name != "FifoTopic":
            aws.client("sns").set_topic_attributes(TopicArn=id_, AttributeName=name, AttributeValue=text(value))
    return {"arn": id_, "owner": aws.account}


def _read_topic(aws: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    aws.client("sns").get_topic_attributes(TopicArn=id_)
    return {"arn": id_, "owner": aws.account}


def _topic_policy(aws: Session, inputs: Inputs) -> Made:
    json.loads(inputs["policy"])
    aws.client("sns").set_topic_attributes(
        TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
    )
    return Made(inputs["arn"], {"owner": aws.account})


def _subscription(aws: Session, inputs: Inputs) -> Made:
    json.loads(inputs.get("filterPolicy") or "{}")
    arn = aws.client("sns").subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        Attributes={name: text(value) for name, value in pick(inputs, **_SUBSCRIPTION).items()},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Made(arn, _subscription_outputs(aws, arn))


def _subscription_outputs(aws: Session, arn: str) -> dict[str, Any]:
    return {"arn": arn, "ownerId": aws.account, "pendingConfirmation": False}


def _change_subscription(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    sns = aws.client("sns")
    for name, value in pick(inputs, **_SUBSCRIPTION).items():
        sns.set_subscription_attributes(SubscriptionArn=id_, AttributeName=name, AttributeValue=text(value))
    if not inputs.get("filterPolicy"):
        sns.set_subscription_attributes(SubscriptionArn=id_, AttributeName="FilterPolicy", AttributeValue="{}")
    return _subscription_outputs(aws, id_)


def _read_subscription(aws: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    aws.client("sns").get_subscription_attributes(SubscriptionArn=id_)
    return _subscription_outputs(aws, id_)


KINDS = {
    "aws:sns/topic:Topic": Kind(
        create=_topic,
        change=_change_topic,
        delete=lambda aws, id_, _: aws.client("sns").delete_topic(TopicArn=id_),
        read=_read_topic,
        name="name",
        suffix=lambda inputs: ".fifo" if inputs.get("fifoTopic") else "",
        fixed=("fifoTopic",),
        outputs=("arn", "owner"),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Kind(
        create=_topic_policy,
        change=lambda aws, id_, inputs: _topic_policy(aws, inputs).outputs,
        delete=lambda aws, id_, _: None,  # it goes with the topic
        fixed=("arn",),
        outputs=("owner",),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        create=_subscription,
        change=_change_subscription,
        delete=lambda aws, id_, _: aws.client("sns").unsubscribe(SubscriptionArn=id_),
        read=_read_subscription,
        fixed=("topic", "protocol", "endpoint"),
        outputs=("arn", "ownerId", "pendingConfirmation"),
    ),
}
"""Pulumi's token to what makes it."""
