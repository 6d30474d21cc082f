"""A real queue of the emulator, the function that consumes it, and what Lambda's poller does between them."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from uuid import uuid4

from isthmus.links import Identity
from isthmus.sources import Source
from isthmus_aws import wire
from tests.aws.runtime import Runtime
from tests.emulators.aws.ministack import ACCOUNT, REGION, Ministack


class Desk:
    """A queue, its dead-letter queue, and an instance of the function that consumes it."""

    def __init__(self, server: Ministack, *, fifo: bool = False, **source: Any) -> None:
        self.sqs = server.client("sqs")
        ending = ".fifo" if fifo else ""
        self.name, self.dead = (f"{name}-{uuid4().hex[:8]}{ending}" for name in ("work", "dead"))
        attributes = {"FifoQueue": "true"} if fifo else {}
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes={**attributes, "VisibilityTimeout": "30"})[
            "QueueUrl"
        ]
        self.dead_url = self.sqs.create_queue(QueueName=self.dead, Attributes=attributes)["QueueUrl"]
        self.fifo = fifo
        self.source: dict[str, Any] = {"attempts": 3, "delay": 0.0, "max_delay": 60.0, **source}
        self.runtime = self.start(server.endpoint)

    def start(self, endpoint: str) -> Runtime:
        """Start an instance for which AWS is at `endpoint`."""
        self.runtime = Runtime(
            Identity(
                app="shop",
                stage="dev",
                provider="aws",
                function="Reserve",
                handler="tests.aws.handlers.picky",
                triggers=("queue",),
                sources={self.name: Source("queue", "Work", self.dead, ordered=self.fifo, **self.source)},
                account=ACCOUNT,
            ),
            environment={"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": REGION},
        )
        return self.runtime

    def send(self, *bodies: Any, group: str = "g") -> list[str]:
        ids: list[str] = []
        for body in bodies:
            options = {"MessageGroupId": group, "MessageDeduplicationId": uuid4().hex} if self.fifo else {}
            text = body if isinstance(body, str) else json.dumps(body)
            ids.append(self.sqs.send_message(QueueUrl=self.url, MessageBody=text, **options)["MessageId"])
        return ids

    def poll(self, **invocation: Any) -> list[str]:
        """Receive once, invoke, and delete what succeeded, as Lambda's poller does; returns the ids that were kept."""
        messages = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
        ).get("Messages", [])
        if not messages:
            return []
        answer = self.runtime.invoke({"Records": [self.record(message) for message in messages]}, **invocation)
        kept = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
        for message in messages:
            if message["MessageId"] not in kept:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return kept

    def warm(self) -> None:
        """Let the instance make its client, which on a busy machine takes longer than is left after a long handler."""
        self.send({"fail": 1})
        self.poll()
        self.poll()

    def letters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sqs.receive_message(
            QueueUrl=self.dead_url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
        ).get("Messages", [])
        return found

    def hidden(self) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def record(self, message: dict[str, Any]) -> dict[str, Any]:
        attributes = message.get("MessageAttributes", {})
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {name: _wired(value) for name, value in attributes.items()},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}",
            "awsRegion": REGION,
        }


def _wired(attribute: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute as Lambda has it: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html."""
    wired: dict[str, Any] = {"dataType": attribute["DataType"], "stringListValues": [], "binaryListValues": []}
    if "BinaryValue" in attribute:
        return {**wired, "binaryValue": b64encode(attribute["BinaryValue"]).decode()}
    return {**wired, "stringValue": attribute["StringValue"]}


def told(letter: dict[str, Any]) -> dict[str, str]:
    """Return all attributes of a dead letter, by the codec's own way of reading them."""
    native = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    return wire.incoming(letter["Body"], native)[1]
