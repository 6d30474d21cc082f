"""Records of Kinesis and of table streams: in order, a failing one tried again, and parked after its last attempt."""

from __future__ import annotations

from isthmus import serve
from isthmus._typing import Any
from isthmus.sources import Source
from isthmus_aws.delivery import letters
from isthmus_aws.delivery.memory import Memory
from isthmus_aws.delivery.parking import Parking
from isthmus_aws.delivery.run import Run
from isthmus_aws.events.batch import Batch
from isthmus_aws.events.record import Record, Records
from isthmus_aws.services import Services


class LogDelivery:
    """Delivers the records of streams and tables.

    Nothing in an event says how often a record was tried, so this instance counts: a shard is nearly always handled by
    the same one. The event source mapping's own maximum, above ours, is for records that end the instance.
    """

    __slots__ = ("_failed", "_parking")

    def __init__(self, services: Services, function: str) -> None:
        self._failed = Memory()
        self._parking = Parking(services, function)

    def deliver(self, batch: Batch, run: Run) -> dict[str, Any]:
        """Handle the records in order, and return the first that must come again; all after it come with it."""
        records: Records = list(batch.records)
        self._parking.prepare(batch.source, has_failures=bool(self._failed))
        while records:
            self._count(records, batch)
            outcome = run.handle(records, stop=True)
            records = outcome.left
            if not outcome.failures:
                return _answer(records)
            record, failure = outcome.failures[0]
            if not self._is_parked(record, failure, batch, run):
                return _answer([record])
            if not run.has_time:
                break
        return _answer(records)

    def _count(self, records: Records, batch: Batch) -> None:
        for record in records:
            tries = self._failed.count(f"{batch.origin} {record.id}")
            if tries:
                record.attempt = tries + 1
                for event in record.events:
                    if hasattr(event, "attempt"):
                        event.attempt = record.attempt

    def _is_parked(self, record: Record, failure: serve.Failure, batch: Batch, run: Run) -> bool:
        key = f"{batch.origin} {record.id}"
        tries = self._failed.add(key)
        if tries < batch.source.attempts or not batch.source.dead_letters:
            return False
        parked: list[bool] = []
        run.finish(lambda: parked.append(self._park(record, failure, batch.source, tries)))
        if parked != [True]:
            return False
        self._failed.forget(key)
        return True

    def _park(self, record: Record, failure: serve.Failure, source: Source, tries: int) -> bool:
        data, attributes = letters.of_record(record)
        reason = f"{failure.type}: {failure.message}"
        return self._parking.park(source, data, attributes, identifier=record.id, attempts=tries, reason=reason)


def _answer(kept: Records) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": record.id} for record in kept[:1]]}
