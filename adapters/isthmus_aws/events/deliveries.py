"""How each service's events look: where they say they come from, and what reads them."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping, Sequence
from isthmus.errors import BadEventError
from isthmus.parts import part
from isthmus.sources import Source
from isthmus_aws.events.firing import is_firing
from isthmus_aws.events.record import Records
from isthmus_aws.events.shape import is_list, is_object, text


class Service:
    """A service that invokes functions: the trigger kinds that come through it, the natural one first.

    `sender` is how it names itself in its records; `place` returns what a record says of its origin, and `origin` the
    physical name in that; `reader` is "module:name" of what reads them.
    """

    __slots__ = ("kinds", "name", "origin", "place", "reader", "sender")

    def __init__(
        self,
        sender: str,
        kinds: tuple[str, ...],
        place: Callable[[Any], str],
        origin: Callable[[str], str],
        reader: str,
    ) -> None:
        self.sender = sender
        self.name = sender.removeprefix("aws:")
        self.kinds = kinds
        self.place = place
        self.origin = origin
        self.reader = reader

    def records(self, rows: Sequence[Any], source: Source, origin: str) -> Records:
        """Return the records of an event's rows."""
        read: Records = part(self.reader)(rows, source, origin)
        return read

    def origin_of(self, rows: Sequence[Any]) -> str:
        """Return the physical name that all of the records come from; `BadEventError` where they differ."""
        first = self.place(rows[0])
        arn, sender = rows[0].get("eventSourceARN"), self.sender
        for row in rows:  # one look at each is enough where they tell their ARN, of which there may be ten thousand
            if row.get("eventSourceARN") != arn or row.get("eventSource") != sender or arn is None:
                self._check(row, first)
        return self.origin(first)

    def _check(self, row: Any, first: str) -> None:
        if self.sender in SERVICES and _sender(row) != self.sender:
            raise BadEventError(f"its records come from several services: {self.sender} and {_sender(row)}")
        if self.place(row) != first:
            raise BadEventError(f"its records come from several places: {first} and {self.place(row)}")


def _arn(row: Mapping[str, Any]) -> str:
    arn: str = row["eventSourceARN"]
    return arn


def _last(arn: str) -> str:
    return arn.rpartition(":")[2]


def _in_path(after: str) -> Callable[[str], str]:
    """Return what takes a name from the path of an ARN: `stream/NAME/consumer/…`."""

    def name(arn: str) -> str:
        return arn.partition(after)[2].partition("/")[0] or arn.rpartition(":")[2]

    return name


def _firing(event: Mapping[str, Any]) -> str:
    return text(event["schedule"]) if "schedule" in event else _last(event["resources"][0].replace("/", ":"))


_ALL = (
    Service("aws:sqs", ("queue", "topic", "bucket", "schedule", "task"), _arn, _last, "isthmus_aws.events.sqs:records"),
    Service("aws:sns", ("topic",), lambda row: row["Sns"]["TopicArn"], _last, "isthmus_aws.events.sns:records"),
    Service("aws:s3", ("bucket",), lambda row: row["s3"]["bucket"]["name"], text, "isthmus_aws.events.object:records"),
    Service("aws:kinesis", ("stream",), _arn, _in_path(":stream/"), "isthmus_aws.events.kinesis:records"),
    Service("aws:dynamodb", ("table",), _arn, _in_path(":table/"), "isthmus_aws.events.change:records"),
)

SERVICES: Mapping[str, Service] = {service.sender: service for service in _ALL}
"""By the `eventSource` of a record."""

EVENTBRIDGE = Service("eventbridge", ("schedule",), _firing, str, "isthmus_aws.events.tick:records")
"""Rules and schedules, whose events are no records."""


def delivered(event: Any) -> tuple[Service, Sequence[Any]]:
    """Return the service that sent an event, and its records; `BadEventError` where no service of ours sends such."""
    if not is_object(event):
        raise BadEventError(f"an event of a service is an object, not {type(event).__name__}")
    rows = event.get("Records")
    if rows is None and is_firing(event):
        return EVENTBRIDGE, [event]
    if not is_list(rows) or not rows:
        raise BadEventError(f"what came, {_looks(event)}, is none that Isthmus knows")
    sender = _sender(rows[0])
    if sender not in SERVICES:
        raise BadEventError(f"records of {sender or 'nobody'} are none that Isthmus knows ({', '.join(SERVICES)})")
    return SERVICES[sender], rows


def _sender(row: Any) -> str:
    """Return who sent a record; SNS writes the name otherwise than the rest."""
    return str(row.get("eventSource") or row.get("EventSource") or "")


def _looks(event: Mapping[str, Any]) -> str:
    """Return what an event may be, as far as it can be told."""
    kind = event.get("detail-type")
    return (
        f"{kind!r} from {event.get('source')!r}" if kind else f"with the members {', '.join(sorted(map(str, event)))}"
    )
