"""Events that a service hands to the function itself, asynchronously: Lambda tries a failed invocation again."""

from __future__ import annotations

from isthmus.errors import IsthmusError
from isthmus_aws.delivery.memory import Memory
from isthmus_aws.delivery.run import Run
from isthmus_aws.events.batch import Batch
from isthmus_aws.services import Services


class EventFailedError(IsthmusError, RuntimeError):
    """An event failed: raised so that Lambda tries the invocation again, and then hands it to its destination."""


class DirectDelivery:
    """Delivers what comes without a queue: Isthmus puts one before each function, but a user's own Pulumi may not."""

    __slots__ = ("_failed",)

    def __init__(self, _services: Services, _function: str) -> None:
        self._failed = Memory()

    def deliver(self, batch: Batch, run: Run) -> None:
        """Handle the events; `EventFailedError` where one of them failed."""
        records = list(batch.records)
        for record in records:
            record.attempt = self._failed.count(run.request_id) + 1
        outcome = run.handle(records)
        if outcome.failures:
            self._failed.add(run.request_id)
            failure = outcome.failures[0][1]
            raise EventFailedError(f"{failure.type}: {failure.message}")
        if outcome.left:
            raise EventFailedError(f"{len(outcome.left)} events were not tried: the time was up")
