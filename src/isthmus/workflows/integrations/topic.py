"""The integrations of topics: publish one message, or events, each of which becomes a message."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.integrations import message
from isthmus.workflows.integrations.refusals import RefusedError, check_known, required, text
from isthmus.workflows.resource_uris import DEFAULT_BUS
from isthmus.workflows.tasks import Task

KNOWN: Mapping[str, frozenset[str]] = {
    "publish": frozenset(("TopicArn", "Message", "MessageAttributes", "Subject")),
    "putEvents": frozenset(("Entries",)),
}
"""The arguments that each action takes."""

ENTRY = frozenset(("Detail", "DetailType", "Source", "EventBusName", "Resources", "Time", "TraceHeader"))
"""What an event may say."""

MOST = 10
"""The most events of one task."""


def publish(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Publish the message that the arguments say; its subject goes along as an attribute."""
    attributes = message.attributes(arguments, numbers=True)
    if arguments.get("Subject") is not None:
        attributes["Subject"] = text(arguments, "Subject")
    body = message.body(arguments, "Message", sdk=task.form == "sdk")
    return {"MessageId": client.publish(body, attributes=attributes or None)}


def put_events(arguments: Mapping[str, Any], clients: Callable[[str], Any]) -> dict[str, Any]:
    """Publish each event to the topic that stands for its bus, as `event` makes it."""
    entries = required(arguments, "Entries")
    if not is_list(entries) or not 1 <= len(entries) <= MOST:
        raise RefusedError(f"Entries is a list of 1 to {MOST} events")
    events = [(str(entry.get("EventBusName") or DEFAULT_BUS), event(entry)) for entry in map(_entry, entries)]
    for bus, body in events:
        clients(bus).publish(body, attributes={"source": body["source"], "detail-type": body["detail-type"]})
    return {"Entries": [{"EventId": body["id"]} for _, body in events], "FailedEntryCount": 0}


def event(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the message that an event becomes: what the event's receivers get of it elsewhere."""
    check_known(entry, ENTRY)
    detail = required(entry, "Detail")
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": text(entry, "DetailType"),
        "source": text(entry, "Source"),
        "time": str(entry.get("Time") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        "resources": list(entry.get("Resources") or ()),
        "detail": _parsed(detail) if isinstance(detail, str) else detail,
    }


def _entry(entry: Any) -> Mapping[str, Any]:
    if not is_mapping(entry):
        raise RefusedError(f"an event is an object, not {shown(entry)}")
    return entry


def _parsed(detail: str) -> Any:
    try:
        return json.loads(detail)
    except (ValueError, RecursionError):
        raise RefusedError(f"Detail is JSON, and {shown(detail)} is none") from None
