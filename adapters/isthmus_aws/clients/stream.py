"""The client of a linked stream, which is one of Kinesis."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Sequence
from isthmus.errors import ServiceError
from isthmus.links import Link
from isthmus.outgoing import checked_record_key, prepare
from isthmus.sending import send_all
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.batches import BusyError, send_batches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

BATCH = 500
"""The most records of a call: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html."""

BATCH_BYTES = 5 * 1024 * 1024
"""The most bytes of a call, keys included."""

_BUSY = ("ProvisionedThroughputExceededException", "InternalFailure", "KMSThrottlingException")


class StreamClient:
    """A linked stream: see `isthmus.ports.Stream`. A position is Kinesis' sequence number; a record is its body alone.

    The records of a call are appended in order, unless Kinesis refuses some of them (a shard takes 1,000 records or
    1 MB a second): those are sent again, and are then behind later ones of the same key. Where the order of a key must
    hold even so, use `put`, one after the other.
    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
    """

    __slots__ = ("_asking", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "kinesis")

    def put(self, body: Any, *, key: str) -> str:
        """Append one record and return its position, once it is durable."""
        self._asking.allow("put")
        data, key = _prepared((key, body))
        answer = self._asking.ask("put", "put_record", StreamName=self.name, Data=data, PartitionKey=key)
        position: str = answer["SequenceNumber"]
        return position

    def put_many(self, records: Iterable[tuple[str, Any]]) -> list[str]:
        """Append (key, body) records; `PartialSendError` names those that could not be, after the others were."""
        self._asking.allow("put")

        def send(messages: Sequence[Any]) -> Sequence[str | ServiceError]:
            return send_batches(messages, self._post, size=_size, most_bytes=BATCH_BYTES)

        return send_all(records, _prepared, send, most=BATCH, most_bytes=BATCH_BYTES)

    def _post(self, records: Sequence[tuple[bytes, str]]) -> Sequence[str | ServiceError]:
        entries = [{"Data": data, "PartitionKey": key} for data, key in records]
        answer = self._asking.ask("put", "put_records", StreamName=self.name, Records=entries)
        return [_answer(record) for record in answer["Records"]]

    def __repr__(self) -> str:
        return f"<Stream {self._asking.link.name}>"


def _prepared(record: tuple[str, Any]) -> tuple[bytes, str]:
    key, body = record
    data, _, _ = prepare(body, None)
    return data, checked_record_key(key)


def _size(record: tuple[bytes, str]) -> int:
    return len(record[0]) + len(record[1].encode())


def _answer(record: Any) -> str | ServiceError:
    code = record.get("ErrorCode")
    if code:
        kind = BusyError if code in _BUSY else ServiceError
        return kind(f"{code}: {record.get('ErrorMessage') or 'no reason given'}")
    position: str = record["SequenceNumber"]
    return position
