"""Gives the events of a batch to the handler, and sees to it that those that fail come again, or are parked."""

from __future__ import annotations

import time

from isthmus import serve
from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.invocations import Invocations
from isthmus.links import Identity
from isthmus.parts import part
from isthmus_aws.delivery.run import Run
from isthmus_aws.events.batch import Batch, batch_of
from isthmus_aws.overrun import Alarm
from isthmus_aws.services import Services

WAYS: Mapping[str, str] = {
    "sqs": "isthmus_aws.delivery.queue:QueueDelivery",
    "kinesis": "isthmus_aws.delivery.log:LogDelivery",
    "dynamodb": "isthmus_aws.delivery.log:LogDelivery",
    "sns": "isthmus_aws.delivery.direct:DirectDelivery",
    "s3": "isthmus_aws.delivery.direct:DirectDelivery",
    "eventbridge": "isthmus_aws.delivery.direct:DirectDelivery",
}
"""Service to "module:class" of how its events are delivered."""

ENVELOPES: Mapping[str, str] = {"bucket": "isthmus_aws.delivery.objects:ObjectEnvelopes"}
"""Kind of events whose records carry no envelope to "module:class" of what finds it."""


class Deliveries:
    """The deliveries of one instance, by the service that its events come through."""

    __slots__ = ("_alarm", "_envelopes", "_handler", "_identity", "_invocations", "_services", "_ways")

    def __init__(
        self,
        identity: Identity,
        services: Services,
        invocations: Invocations,
        handler: serve.Handle | None,
        alarm: Alarm,
    ) -> None:
        self._alarm = alarm
        self._identity = identity
        self._services = services
        self._invocations = invocations
        self._handler = handler
        self._envelopes: dict[str, Any] = {}
        self._ways: dict[str, Any] = {}

    def answer(self, event: Any, context: Any) -> Any:
        """Handle the events of one of Lambda's, and return what Lambda is to know of it.

        Only a direct invocation's failure is raised, and `BadEventError` for an event of no declared kind.
        """
        batch = batch_of(event, self._identity)
        if self._handler is None:
            raise BadEventError(f"function {self._identity.function!r} has no handler for {batch.kind} events")
        now = time.time()
        end = now + context.get_remaining_time_in_millis() / 1000
        run = Run(self._handler, self._invocations, context, (now, end), self._envelope_of(batch), alarm=self._alarm)
        return self._way(WAYS[batch.service]).deliver(batch, run)

    def _way(self, path: str) -> Any:
        if path not in self._ways:
            self._ways[path] = part(path)(self._services, self._identity.function)
        return self._ways[path]

    def _envelope_of(self, batch: Batch) -> Any:
        """Return what finds the envelope of an event, where its record does not carry it: an object has its own."""
        if batch.kind not in ENVELOPES:
            return None
        if batch.kind not in self._envelopes:
            self._envelopes[batch.kind] = part(ENVELOPES[batch.kind])(self._services)
        return self._envelopes[batch.kind]
