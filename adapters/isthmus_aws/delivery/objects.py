"""The envelope of an object's event: S3's events say nothing of metadata, so the object itself is asked."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import Envelope
from isthmus_aws import wire
from isthmus_aws.services import Services


class ObjectEnvelopes:
    """Finds the envelope that the writer of an object left in its metadata; an empty one where there is none."""

    __slots__ = ("_is_answered", "_services")

    def __init__(self, services: Services) -> None:
        self._is_answered = True
        self._services = services

    def __call__(self, event: Any) -> Envelope:
        """Return the envelope of an `ObjectEvent`: one HEAD request, and whatever goes wrong with it is no failure.

        An S3 that did not answer (from a network without a way there) is not asked again: each time would take longer
        than many a handler.
        """
        if event.kind != "created" or not self._is_answered:
            return Envelope()
        self._is_answered = False
        try:
            bucket = event.raw["s3"]["bucket"]["name"]
            found = self._services.client("s3").head_object(Bucket=bucket, Key=event.key)
        except Exception as error:  # it may be gone already, or not be ours: the event is delivered all the same
            self._is_answered = hasattr(error, "response")
            return Envelope()
        self._is_answered = True
        return wire.envelope_of(found.get("Metadata", {}).get(wire.ENVELOPE))
