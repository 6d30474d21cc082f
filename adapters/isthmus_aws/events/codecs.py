"""The codec of each trigger kind."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping
from isthmus.errors import BadEventError
from isthmus.sources import Source
from isthmus_aws.events.deliveries import delivered
from isthmus_aws.events.faults import MISSHAPEN, bad_event
from isthmus_aws.events.http import HttpCodec
from isthmus_aws.events.task import TaskCodec

TYPE_CHECKING = False
if TYPE_CHECKING:  # a function's start does not pay for the ports
    from isthmus.ports import Codec


class BatchCodec:
    """Events of `kind`, whichever service brings them; `batch_of` also knows which ones a function has declared."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def decode(self, raw: Any, /) -> list[Any]:
        """Return the neutral events of all records, with a `Malformed` for each that cannot be read."""
        try:
            return self._events(raw)
        except MISSHAPEN as error:
            raise bad_event(f"a {self.kind} event", error) from error

    def encode(self, result: Iterable[str], /) -> dict[str, Any]:
        """Return the answer that names the records which have failed, by their ids.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
        """
        return {"batchItemFailures": [{"itemIdentifier": id} for id in result]}

    def _events(self, raw: Any) -> list[Any]:
        service, rows = delivered(raw)
        if self.kind not in service.kinds:
            raise BadEventError(f"{service.name} brings {' or '.join(service.kinds)} events, and no other")
        events: list[Any] = []
        for row in rows:
            origin = service.origin_of([row])
            (record,) = service.records([row], Source(self.kind, origin), origin)
            events += record.events
        return events


codecs: Mapping[str, Codec[Any]] = {
    "http": HttpCodec(),
    **{kind: BatchCodec(kind) for kind in ("queue", "topic", "stream", "table", "bucket", "schedule")},
    "task": TaskCodec(),
}
"""Trigger kind to codec: `provider.codecs`."""
