"""Messages of SQS: a failed one alone comes again, after its retry delay, and is parked after its last attempt."""

from __future__ import annotations

import math

from isthmus import serve
from isthmus._typing import Any, Sequence
from isthmus.sources import Source
from isthmus_aws.delivery import letters
from isthmus_aws.delivery.memory import Memory
from isthmus_aws.delivery.parking import Parking
from isthmus_aws.delivery.run import Run
from isthmus_aws.events.batch import Batch
from isthmus_aws.events.record import Record, Records
from isthmus_aws.services import Services

DOUBT = 3
"""How many receipts of an ordered message, of which this instance does not know better, are an attempt for sure."""

LONGEST = 12 * 3600 - 15 * 60
"""The most seconds that a message is hidden for: twelve hours since it was received, and a function takes up to 15 min.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
"""

CHUNK = 10
"""Entries of one ChangeMessageVisibilityBatch."""


class QueueDelivery:
    """Delivers the messages of queues and inboxes.

    SQS counts a receipt of a message that nobody tries, because its group waits for another or the time was up; this
    instance remembers those, and takes them off the count. What it does not remember of an ordered message may have
    been an attempt or not: so that no innocent is given up early, it counts for a third of one.
    """

    __slots__ = ("_failed", "_has_failures", "_parking", "_services", "_untried")

    def __init__(self, services: Services, function: str) -> None:
        self._services = services
        self._parking = Parking(services, function)
        self._failed = Memory()
        self._untried = Memory()
        self._has_failures = False

    def deliver(self, batch: Batch, run: Run) -> dict[str, Any]:
        """Handle the messages, and return those that SQS must keep."""
        source: Source = batch.source
        records = batch.records
        self._parking.prepare(source, has_failures=self._has_failures)
        if source.ordered or (self._has_failures and self._untried):
            records = list(records)
            self._recount(records, source)
        outcome = run.handle(records, ordered=source.ordered)
        if outcome.is_done:
            return {"batchItemFailures": []}
        self._has_failures = True
        parked: set[str] = set()
        run.finish(lambda: self._park(outcome.failures, source, parked))
        failed = [entry for entry in outcome.failures if entry[0].id not in parked]
        delays = [(record, self._delay(record, failure, source)) for record, failure in failed]
        delays += [(record, 0) for record in outcome.left]
        self._remember([record for record, failure in failed if not failure.tried], outcome.left)
        if source.ordered:
            for record in (record for record, failure in failed if failure.tried):
                self._failed.add(record.id)
        if delays:
            run.finish(lambda: self._hide(batch.origin, delays))
        return {"batchItemFailures": [{"itemIdentifier": record.id} for record, _ in delays]}

    def _park(self, failures: Sequence[tuple[Record, serve.Failure]], source: Source, parked: set[str]) -> None:
        """Park what has had its last attempt, and add the id of each that is to `parked`."""
        for record, failure in failures:
            if self._is_parked(record, failure, source):
                parked.add(record.id)

    def _recount(self, records: Sequence[Record], source: Source) -> None:
        """Take what was not tried off the count, and let no group's innocent seem to have had all its attempts."""
        for record in records:
            count = record.attempt - self._untried.count(record.id)
            if source.ordered:
                count = min(count, max(self._failed.count(record.id) + 1, count // DOUBT))
            record.attempt = max(1, min(count, source.attempts))
            for event in record.events:
                if hasattr(event, "attempt"):
                    event.attempt = record.attempt

    def _is_parked(self, record: Record, failure: serve.Failure, source: Source) -> bool:
        if not failure.tried or record.attempt < source.attempts or not source.dead_letters:
            return False
        data, attributes = letters.of_message(record)
        return self._parking.park(
            source,
            data,
            attributes,
            identifier=record.id,
            attempts=record.attempt,
            reason=f"{failure.type}: {failure.message}",
            group=letters.group_of(record),
        )

    @staticmethod
    def _delay(record: Record, failure: serve.Failure, source: Source) -> int:
        """Return the seconds until a message comes again; one that waits for another of its group comes with it."""
        return round_up(source.retry_after(record.attempt)) if failure.tried else 0

    def _remember(self, *untried: Records) -> None:
        for record in (record for records in untried for record in records):
            self._untried.add(record.id)

    def _hide(self, origin: str, delays: list[tuple[Record, int]]) -> None:
        """Let the messages come again when they should; where that fails they come after the visibility timeout."""
        for start in range(0, len(delays), CHUNK):
            entries = [
                {"Id": str(index), "ReceiptHandle": record.raw.get("receiptHandle", ""), "VisibilityTimeout": seconds}
                for index, (record, seconds) in enumerate(delays[start : start + CHUNK])
            ]
            try:
                answer = self._services.client("sqs").change_message_visibility_batch(
                    QueueUrl=self._services.queue_url(origin), Entries=entries
                )
            except Exception as error:  # they come again all the same, only later
                _tell(origin, str(error))
            else:
                for failed in answer.get("Failed", ()):
                    _tell(origin, f"{failed.get('Code')}: {failed.get('Message')}")


def round_up(seconds: float) -> int:
    """Return whole seconds, which is what SQS takes; less than half a second is none."""
    return 0 if seconds < 0.5 else min(math.ceil(seconds), LONGEST)


def _tell(origin: str, why: str) -> None:
    import logging

    logging.getLogger("isthmus").warning("messages of %s come again only after its visibility timeout: %s", origin, why)
