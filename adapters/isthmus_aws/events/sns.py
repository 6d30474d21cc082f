"""Notifications of SNS: what it invokes a function with, and what it sends to a queue without raw delivery.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html and
https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Mapping, Sequence
from isthmus.envelope import Envelope
from isthmus.message import Message
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.instant import epoch
from isthmus_aws.events.message import NO_ENVELOPE, Opener, message_of, unpacked
from isthmus_aws.events.record import Record, Turn
from isthmus_aws.events.shape import text


def records(rows: Sequence[Any], source: Source, origin: str) -> list[Record]:
    """Return a record for each of an event of SNS itself."""
    return [_record(row, source, origin) for row in rows]


def of_inbox(row: Mapping[str, Any], source: Source, attempt: int, group: str | None, opener: Opener) -> Turn:
    """Return the message of a topic: delivered raw, or within SNS's own JSON, which has no attributes outside."""
    if row.get("messageAttributes") or not is_notification(row["body"]):
        return message_of(row, source, attempt, group, opener)
    message, envelope = notified(json.loads(row["body"]), source, attempt, row)
    message.group = group
    return [message], envelope, attempt


def is_notification(body: str) -> bool:
    """Tell whether the body of a message without attributes may be SNS's JSON around a notification."""
    return body.lstrip()[:1] == "{" and '"Notification"' in body and '"TopicArn"' in body


def notified(notice: Mapping[str, Any], source: Source, attempt: int, raw: Any) -> tuple[Message, Envelope]:
    """Return the message of a notification, and its envelope."""
    body, attributes, envelope = unpacked(notice["Message"], _texts(notice.get("MessageAttributes") or {}))
    message = Message(
        body,
        id=text(notice["MessageId"]),
        attributes=attributes,
        source=source.name,
        attempt=attempt,
        sent_at=epoch(notice["Timestamp"]),
        raw=raw,
    )
    return message, envelope


def _record(row: Any, source: Source, origin: str) -> Record:
    try:
        message, envelope = notified(row["Sns"], source, 1, row)
    except MISSHAPEN as error:
        malformed = Malformed(bad_event(f"a notification of {origin}", error))
        return Record("", origin, 1, NO_ENVELOPE, [malformed], row)
    return Record(message.id, origin, 1, envelope, [message], row)


def _texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: text(attribute["Value"]) for name, attribute in attributes.items()}
