"""The codec of each trigger kind."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.parts import part
from isthmus.sources import Source
from isthmus_gcp.events import background, pubsub, readers
from isthmus_gcp.events.cloud_event import CloudEvent, cloud_event, is_cloud_event, structured
from isthmus_gcp.events.faults import MISSHAPEN, bad_event
from isthmus_gcp.events.http import HttpCodec
from isthmus_gcp.events.origins import origin_of
from isthmus_gcp.events.posted import Posted, posted
from isthmus_gcp.events.pubsub import PubsubMessage
from isthmus_gcp.events.task import TaskCodec

TYPE_CHECKING = False
if TYPE_CHECKING:  # a function's start does not pay for the ports
    from isthmus.ports import Codec


class EventCodec:
    """Events of `kind`, however they come; `arrival` also knows which ones a function has declared."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def decode(self, raw: Any, /) -> list[Any]:
        """Return the neutral event of a Flask request, or of the JSON document of one: one, or none for what is none.

        https://cloud.google.com/functions/docs/concepts/events-triggers
        """
        try:
            return self._events(posted(raw))
        except MISSHAPEN as error:
            raise bad_event(f"a {self.kind} event", error) from error

    def encode(self, _result: object, /) -> tuple[bytes, int]:
        """Return the body and the status of the answer that acknowledges an event: what a handler returns is nobody's.

        https://cloud.google.com/pubsub/docs/push#receive_push
        """
        return b"", 204

    def _events(self, request: Posted) -> list[Any]:
        if self.kind == "schedule":
            return [_tick(request)]
        found = _found(request)
        if isinstance(found, CloudEvent):
            return self._of_event(found)
        return self._of_message(found, found.subscription)

    def _of_event(self, event: CloudEvent) -> list[Any]:
        kind, origin = origin_of(event)
        if kind == "topic":
            return self._of_message(pubsub.of_cloud_event(event), origin)
        if kind != self.kind:
            raise BadEventError(f"an event of the type {event.type!r:.200} is none of that kind")
        return readers.of_event(event, Source(self.kind, origin), 1)[0]

    def _of_message(self, message: PubsubMessage, origin: str) -> list[Any]:
        message.open()
        return readers.of_message(message, Source(self.kind, origin), message.attempt)[0]


def _found(request: Posted) -> CloudEvent | PubsubMessage:
    if pubsub.is_unwrapped(request):
        return pubsub.unwrapped(request)
    if is_cloud_event(request):
        return cloud_event(request)
    document = request.document()
    if pubsub.is_wrapped(document):
        return pubsub.wrapped(document, request.raw)
    if background.is_background(document):
        return background.cloud_event(document, request.raw)
    return structured(document, request.raw)


def _tick(request: Posted) -> Any:
    tick = "isthmus_gcp.events.tick"
    due = part(f"{tick}:due_of")(request)
    return part(f"{tick}:of_request")(request, Source("schedule", request.header(_JOB)), due, due)


_JOB = "HTTP_X_CLOUDSCHEDULER_JOBNAME"

codecs: Mapping[str, Codec[Any]] = {
    "http": HttpCodec(),
    **{kind: EventCodec(kind) for kind in ("queue", "topic", "stream", "table", "bucket", "schedule")},
    "task": TaskCodec(),
}
"""Trigger kind to codec: `provider.codecs`."""
