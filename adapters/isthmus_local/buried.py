"""What could not be handled: where it is kept, and how it is shown."""

from __future__ import annotations

from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.envelope import incoming
from isthmus.message import Message
from isthmus_local.store.invocations import SOURCE
from isthmus_local.store.queues import StoredMessage, internal_queue


def dead_letter_queues(resource: Resource) -> list[str]:
    """Return the queues that hold what could not be handled of a resource."""
    declared = getattr(resource, "dead_letters", None)
    if isinstance(declared, Resource):
        return [declared.name]
    if isinstance(resource, Schedule):
        return [f"{internal_queue(resource.name, resource.function.name)}>DeadLetters"]
    if resource.kind == "function":
        return [f"{internal_queue(SOURCE, resource.name)}>DeadLetters"]
    return []


def as_message(stored: StoredMessage, source: str) -> Message:
    """Return a stored message as the message that it is to a handler."""
    return Message(
        stored.body,
        id=str(stored.id),
        attributes=incoming(stored.attributes)[0],
        source=source,
        attempt=stored.attempts + 1,
        sent_at=stored.sent,
        group=stored.group,
        raw=stored,
    )
