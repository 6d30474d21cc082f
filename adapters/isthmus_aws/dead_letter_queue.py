"""What lies in a dead-letter queue, looked at without taking it away."""

from __future__ import annotations

from typing import Any

from isthmus import envelope
from isthmus.errors import BadEventError
from isthmus.message import Message
from isthmus_aws import wire
from isthmus_aws.clients.asking import Asking

MOST = 1000
"""How many are shown."""

HELD = 60
"""Seconds for which SQS shows a letter to nobody else while the rest is looked for."""

WAIT = 1
"""Seconds that SQS looks for more: a short look does not ask all of its servers.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

LOOK = "look at"
"""What the link of `Asking` must grant."""

_BATCH = 10


def peek(sqs: Asking, url: str, source: str) -> list[Message]:
    """Return up to `MOST` messages of the queue at `url` that could not be handled of `source`; they stay there.

    SQS cannot show without receiving, so for a moment nobody else is given them, and their receive count goes up. Of a
    FIFO queue only the first letters of each group are seen.
    """
    found: dict[str, dict[str, Any]] = {}
    try:
        while len(found) < MOST and (received := _receive(sqs, url)):
            known = len(found)
            found.update((letter["MessageId"], letter) for letter in received)
            if len(found) == known:  # the first ones are shown again: it has taken longer than they are held
                break
    finally:
        _put_back(sqs, url, list(found.values()))
    return [_message(letter, source) for letter in found.values()]


def _receive(sqs: Asking, url: str) -> list[dict[str, Any]]:
    answer = sqs.ask(
        LOOK,
        "receive_message",
        QueueUrl=url,
        MaxNumberOfMessages=_BATCH,
        VisibilityTimeout=HELD,
        WaitTimeSeconds=WAIT,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    received: list[dict[str, Any]] = answer.get("Messages", [])
    return received


def _put_back(sqs: Asking, url: str, letters: list[dict[str, Any]]) -> None:
    for start in range(0, len(letters), _BATCH):
        entries = [
            {"Id": str(position), "ReceiptHandle": letter["ReceiptHandle"], "VisibilityTimeout": 0}
            for position, letter in enumerate(letters[start : start + _BATCH])
        ]
        sqs.ask(LOOK, "change_message_visibility_batch", QueueUrl=url, Entries=entries)


def _message(letter: dict[str, Any], source: str) -> Message:
    system = letter.get("Attributes", {})
    data, attributes = _content(letter)
    return Message(
        data,
        id=letter["MessageId"],
        attributes=envelope.incoming(attributes)[0],
        source=source,
        attempt=int(system.get("ApproximateReceiveCount", 1)),
        sent_at=int(system.get("SentTimestamp", 0)) / 1000,
        group=system.get("MessageGroupId"),
        raw=letter,
    )


def _content(letter: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return the body and the attributes; as they are on the wire, where ours make no sense."""
    native = {
        name: str(value["StringValue"])
        for name, value in letter.get("MessageAttributes", {}).items()
        if "StringValue" in value
    }
    try:
        return wire.incoming(letter["Body"], native)
    except BadEventError:
        return letter["Body"].encode(), native
