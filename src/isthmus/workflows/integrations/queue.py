"""The integration of queues: send one message."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_number, shown
from isthmus.workflows.integrations import message
from isthmus.workflows.integrations.refusals import RefusedError
from isthmus.workflows.tasks import Task

KNOWN = frozenset(
    ("QueueUrl", "MessageBody", "MessageAttributes", "DelaySeconds", "MessageGroupId", "MessageDeduplicationId")
)
"""The arguments that it takes."""


def run(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Send the message that the arguments say."""
    body = message.body(arguments, "MessageBody", sdk=task.form == "sdk")
    identifier = client.send(
        body,
        attributes=message.attributes(arguments, numbers=False) or None,
        delay=_delay(arguments.get("DelaySeconds")),
        group=arguments.get("MessageGroupId"),
        deduplicate=arguments.get("MessageDeduplicationId"),
    )
    digest = hashlib.md5(message.text_of(body).encode(), usedforsecurity=False).hexdigest()
    return {"MD5OfMessageBody": digest, "MessageId": identifier}


def _delay(seconds: Any) -> float | None:
    if seconds is not None and not is_number(seconds):
        raise RefusedError(f"DelaySeconds is a number, not {shown(seconds)}")
    return seconds
