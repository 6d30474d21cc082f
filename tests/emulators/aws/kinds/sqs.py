"""Queues and their policies."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pick, text, within
from tests.emulators.realiser.kind import Inputs, Kind, Made

_ATTRIBUTES = {
    "VisibilityTimeout": "visibilityTimeoutSeconds",
    "MessageRetentionPeriod": "messageRetentionSeconds",
    "MaximumMessageSize": "maxMessageSize",
    "DelaySeconds": "delaySeconds",
    "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
    "RedrivePolicy": "redrivePolicy",
    "RedriveAllowPolicy": "redriveAllowPolicy",
    "Policy": "policy",
    "FifoQueue": "fifoQueue",
    "ContentBasedDeduplication": "contentBasedDeduplication",
    "DeduplicationScope": "deduplicationScope",
    "FifoThroughputLimit": "fifoThroughputLimit",
    "SqsManagedSseEnabled": "sqsManagedSseEnabled",
    "KmsMasterKeyId": "kmsMasterKeyId",
}
"""The API's names of a queue's attributes to Pulumi's."""

_POLICIES = ("RedrivePolicy", "RedriveAllowPolicy", "Policy")


def _attributes(inputs: Inputs) -> dict[str, str]:
    for name in ("redrivePolicy", "redriveAllowPolicy", "policy"):
        json.loads(inputs.get(name) or "{}")
    found = {name: text(value) for name, value in pick(inputs, **_ATTRIBUTES).items()}
    if found.get("FifoQueue") == "false":
        del found["FifoQueue"]  # SQS refuses to be told that a queue is none
    return found


def _queue(aws: Session, inputs: Inputs) -> Made:
    url = aws.client("sqs").create_queue(
        QueueName=inputs["name"], Attributes=_attributes(inputs), tags=within(inputs, "tags")
    )["QueueUrl"]
    return Made(url, _outputs(aws, inputs["name"], url))


def _outputs(aws: Session, name: str, url: str) -> dict[str, Any]:
    return {"url": url, "arn": aws.arn("sqs", name)}


def _change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    attributes = {name: value for name, value in _attributes(inputs).items() if name != "FifoQueue"}
    aws.client("sqs").set_queue_attributes(QueueUrl=id_, Attributes=attributes)
    return _outputs(aws, inputs["name"], id_)


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
    asked = _attributes(state)
    drifted = {
        ours: _typed(found[theirs], state[ours])
        for theirs, ours in _ATTRIBUTES.items()
        if theirs in found and theirs in asked and not _same(theirs, found[theirs], asked[theirs])
    }
    return {**_outputs(aws, id_.rpartition("/")[2], id_), **drifted}


def _same(name: str, found: str, asked: str) -> bool:
    return json.loads(found or "{}") == json.loads(asked or "{}") if name in _POLICIES else found == asked


def _typed(found: str, like: Any) -> Any:
    if isinstance(like, bool):
        return found == "true"
    return int(found) if isinstance(like, int) else found


def _policy(aws: Session, inputs: Inputs) -> Made:
    json.loads(inputs["policy"])
    aws.client("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
    return Made(inputs["queueUrl"], {})


def _redrive(aws: Session, inputs: Inputs) -> Made:
    attributes = {"RedrivePolicy": inputs["redrivePolicy"]}
    aws.client("sqs").set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes=attributes)
    return Made(inputs["queueUrl"], {})


def _clear(attribute: str) -> Callable[[Session, str, Inputs], None]:
    def clear(aws: Session, id_: str, _state: Inputs) -> None:
        aws.client("sqs").set_queue_attributes(QueueUrl=id_, Attributes={attribute: ""})

    return clear


KINDS = {
    "aws:sqs/queue:Queue": Kind(
        create=_queue,
        change=_change,
        delete=lambda aws, id_, _: aws.client("sqs").delete_queue(QueueUrl=id_),
        read=_read,
        name="name",
        suffix=lambda inputs: ".fifo" if inputs.get("fifoQueue") else "",
        fixed=("fifoQueue",),
        outputs=("url", "arn"),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Kind(
        create=_policy,
        change=lambda aws, id_, inputs: _policy(aws, inputs).outputs,
        delete=_clear("Policy"),
        fixed=("queueUrl",),
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": Kind(
        create=_redrive,
        change=lambda aws, id_, inputs: _redrive(aws, inputs).outputs,
        delete=_clear("RedrivePolicy"),
        fixed=("queueUrl",),
    ),
}
"""Pulumi's token to what makes it."""
