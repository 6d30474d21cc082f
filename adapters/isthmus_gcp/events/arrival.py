"""What arrived at a function that takes events: which of its sources it comes from, and what the handler gets of it."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.envelope import Envelope, valid_traceparent
from isthmus.errors import BadEventError
from isthmus.links import Identity
from isthmus.parts import part
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_gcp import wire
from isthmus_gcp.events import background, pubsub, readers, task
from isthmus_gcp.events.cloud_event import CloudEvent, cloud_event, is_cloud_event
from isthmus_gcp.events.faults import MISSHAPEN, bad_event, reason
from isthmus_gcp.events.origins import NATURAL, origin_of
from isthmus_gcp.events.posted import Posted
from isthmus_gcp.events.pubsub import PubsubMessage
from isthmus_gcp.events.record import NO_ENVELOPE, Record

TICK = "isthmus_gcp.events.tick"
KEPT = "isthmus_gcp.events.kept_event:kept"

SOURCE_HEADER = "HTTP_" + wire.SOURCE_HEADER.upper().replace("-", "_")
"""The header that names the source of a call of Scheduler or Cloud Tasks, as WSGI writes it."""

CALL_HEADER = "HTTP_" + wire.CALL_HEADER.upper().replace("-", "_")
"""The header of a function's or a workflow's own call: whatever its body looks like, it is a task's payload."""


class Arrivals:
    """Reads what is posted to the function of `identity`, whose inbox is the subscription `inbox`."""

    __slots__ = ("_identity", "_inbox", "_takes_tasks")

    def __init__(self, identity: Identity, inbox: str = "") -> None:
        self._identity = identity
        self._inbox = inbox
        self._takes_tasks = "task" in identity.triggers

    def of_request(self, request: Posted) -> Record | None:
        """Return the event of a request; None for a call whose result is waited for.

        `BadEventError` for what is of no kind and no source that the function declares, and for what is malformed. An
        event that is delivered as it should be, but cannot be read, is a record of a `Malformed`.
        """
        try:
            record = self._of_request(request)
        except MISSHAPEN as error:
            takes = " and ".join(self._identity.triggers) or "no"
            who = f"function {self._identity.function!r} takes {takes} events"
            raise BadEventError(f"{who}; {reason(error)}") from error
        if record is not None and not record.envelope.traceparent:
            record.envelope = _traced(record.envelope, request.headers)
        return record

    def of_message(self, message: PubsubMessage) -> Record:
        """Return the event of a message of one of the function's subscriptions, its inbox among them."""
        origin, attempt = message.subscription, message.attempt
        if origin and origin == self._inbox:
            tried = wire.UNTRIED not in message.attributes
            origin, attempt = message.attributes.get(wire.SOURCE, ""), attempt + tried
        source = self._source(origin)
        try:
            message.open()
            events, envelope = readers.of_message(message, source, attempt)
        except MISSHAPEN as error:
            events, envelope = [_malformed(f"message {message.id} of {origin}", error, message.key)], NO_ENVELOPE
        return Record(
            "message",
            source,
            origin,
            id=message.attributes.get(wire.ID) or message.id,
            attempt=attempt,
            events=events,
            envelope=envelope,
            data=message.data,
            attributes=message.attributes,
            key=message.key,
            raw=message.raw,
        )

    def _of_request(self, request: Posted) -> Record | None:
        headers = request.headers
        if pubsub.is_unwrapped(request):  # before all else: its other headers are what any publisher has written
            return self.of_message(pubsub.unwrapped(request))
        if CALL_HEADER in headers and self._takes_tasks:
            return None
        if SOURCE_HEADER in headers:
            return self._called(request, request.header(SOURCE_HEADER))
        if is_cloud_event(request):
            return self._of_event(cloud_event(request))
        return self._of_body(request)

    def _of_body(self, request: Posted) -> Record | None:
        """Return the event that the body tells; a body of a known subscription is that, any other may be a payload."""
        document = _body(request, needed=not self._takes_tasks)
        if pubsub.is_wrapped(document) and (not self._takes_tasks or self._knows(pubsub.subscription_of(document))):
            return self.of_message(pubsub.wrapped(document, request.raw))
        if self._takes_tasks:
            return None
        if background.is_background(document):
            return self._of_event(background.cloud_event(document, request.raw))
        raise BadEventError("what came is no push of Pub/Sub, no CloudEvent, and no call of Scheduler or Cloud Tasks")

    def _knows(self, origin: str) -> bool:
        return origin in self._identity.sources or (bool(origin) and origin == self._inbox)

    def _source(self, origin: str) -> Source:
        """Return a declared source of a kind that the function takes."""
        source = self._identity.sources.get(origin)
        if source is None:
            raise BadEventError(f"it is an event of {origin!r:.200}, which is no source of the function")
        if source.kind not in self._identity.triggers:
            raise BadEventError(f"it is a {source.kind} event of {source.name!r}")
        return source

    def _called(self, request: Posted, origin: str) -> Record:
        """Return what Scheduler or Cloud Tasks calls the function for."""
        source = self._source(origin)
        if source.kind == "schedule":
            return _tick(request, source, origin)
        if source.kind != "task":
            raise BadEventError(f"it is a call in the name of the {source.kind} {source.name!r}, which calls nobody")
        return Record(
            "start",
            source,
            origin,
            id=request.header(task.TASK_HEADER),
            attempt=task.attempt_of(request),
            events=[task.payload_of(request)],
            envelope=task.envelope_of(request),
            data=request.body,
            attributes={},
            raw=request.raw,
        )

    def _of_event(self, event: CloudEvent) -> Record:
        kind, origin = origin_of(event)
        if kind == "topic":
            return self._published(event, origin)
        source = self._identity.sources.get(origin)
        if kind == "table" or (source is not None and source.kind == kind):
            return self._declared(event, kind, origin)
        return self._foreign(event, kind, origin)

    def _declared(self, event: CloudEvent, kind: str, origin: str) -> Record:
        source = self._source(origin)
        if source.kind != kind:
            raise BadEventError(f"it is a {kind} event of the {source.kind} {source.name!r}")
        events, envelope = readers.of_event(event, source, 1)
        data, attributes = _kept(event)
        return Record(
            "call",
            source,
            origin,
            id=event.id,
            events=events,
            envelope=envelope,
            data=data,
            attributes=attributes,
            raw=event.raw,
        )

    def _published(self, event: CloudEvent, topic: str) -> Record:
        """Return the message of an event of Pub/Sub: of a subscription that is declared, or of anybody's trigger."""
        message = pubsub.of_cloud_event(event)
        if self._knows(message.subscription):
            return self.of_message(message)
        source = self._natural("topic", topic)
        message.open()
        events, envelope = readers.of_message(message, source, message.attempt)
        return _foreign(event, source, topic, events, envelope)

    def _foreign(self, event: CloudEvent, kind: str, origin: str) -> Record:
        """Return an event that somebody's own trigger brings: of a kind that the function takes, or raw to a task."""
        source = self._natural(kind, origin)
        if kind == "task":
            return _foreign(event, source, origin, [event.document()], NO_ENVELOPE)
        events, envelope = readers.of_event(event, source, 1)
        return _foreign(event, source, origin, events, envelope)

    def _natural(self, kind: str, origin: str) -> Source:
        if kind not in self._identity.triggers:
            raise BadEventError(f"it is a {kind} event of {origin!r:.200}" + NATURAL.get(kind, ""))
        return Source(kind, origin)


def _traced(envelope: Envelope, headers: Mapping[str, Any]) -> Envelope:
    """Return an envelope that tells the trace of a request where its event tells none."""
    told = headers.get("HTTP_CE_TRACEPARENT") or headers.get("HTTP_TRACEPARENT")
    traceparent = valid_traceparent(told)
    if not traceparent:
        return envelope
    return Envelope(correlation_id=envelope.correlation_id, traceparent=traceparent, content_type=envelope.content_type)


def _body(request: Posted, *, needed: bool) -> Any:
    return request.document() if needed or not request.is_empty else None


def _tick(request: Posted, source: Source, origin: str) -> Record:
    due = part(f"{TICK}:due_of")(request)
    id = f"{origin}/{due}"
    tick = part(f"{TICK}:of_request")(request, source, due, id)
    return Record(
        "call",
        source,
        origin,
        id=id,
        events=[tick],
        envelope=task.envelope_of(request),
        data=request.body,
        attributes={part(f"{TICK}:DUE"): due},
        raw=request.raw,
    )


def _kept(event: CloudEvent) -> tuple[bytes, Mapping[str, str]]:
    found: tuple[bytes, Mapping[str, str]] = part(KEPT)(event)
    return found


def _foreign(event: CloudEvent, source: Source, origin: str, events: list[Any], envelope: Any) -> Record:
    data = event.data if type(event.data) is bytes else b""
    return Record(
        "foreign",
        source,
        origin,
        id=event.id,
        events=events,
        envelope=envelope,
        data=data,
        attributes={},
        raw=event.raw,
    )


def _malformed(what: str, error: Exception, group: str | None) -> Malformed:
    return Malformed(bad_event(what, error), group=group)
