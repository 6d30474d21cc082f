"""The events that AWS invokes a function with several at a time, and which of its sources they come from."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.links import Identity
from isthmus.sources import Source
from isthmus_aws.events.deliveries import Service, delivered
from isthmus_aws.events.faults import MISSHAPEN, reason
from isthmus_aws.events.record import Records

_DECLARED_BY: Mapping[str, str] = {
    "schedule": 'app.schedule(…, "functions.….handler")',
    "task": "link=[function.invoke] where it is called",
}
"""What declares that a kind of event comes to a function; of every other kind it is `subscribe`."""


class Batch:
    """Records of one source: `kind` is the trigger kind, `source` what the function knows of it, `origin` its name.

    `service` is what delivered them: "sqs", "sns", "s3", "kinesis", "dynamodb" or "eventbridge".
    """

    __slots__ = ("kind", "origin", "records", "service", "source")

    def __init__(self, kind: str, service: str, source: Source, origin: str, records: Records) -> None:
        self.kind = kind
        self.service = service
        self.source = source
        self.origin = origin
        self.records = records

    def __repr__(self) -> str:
        return f"<Batch of {len(self.records)} records of {self.kind} {self.source.name}>"


def batch_of(event: Any, identity: Identity) -> Batch:
    """Return the records of an event of a declared kind; `BadEventError` for any other, and for one that is malformed.

    A record that cannot be read holds a `Malformed`, so that it fails alone.
    """
    try:
        service, rows = delivered(event)
        origin = service.origin_of(rows)
        source = _source(service, origin, identity)
        if source.kind not in identity.triggers:
            raise BadEventError(_refusal(source, service))
        return Batch(source.kind, service.name, source, origin, service.records(rows, source, origin))
    except MISSHAPEN as error:
        takes = " and ".join(identity.triggers) or "no"
        raise BadEventError(f"function {identity.function!r} takes {takes} events; {reason(error)}") from error


def _source(service: Service, origin: str, identity: Identity) -> Source:
    """Return what an origin is to the function: a declared source, or the natural thing for its service to send."""
    source = identity.sources.get(origin)
    return source if source and source.kind in service.kinds else Source(service.kinds[0], origin)


def _refusal(source: Source, service: Service) -> str:
    way = _DECLARED_BY.get(source.kind) or f"{source.kind}.subscribe(…)"
    return (
        f"{service.name} brought a {source.kind} event of {source.name!r}. Declare it in infra/app.py ({way}), "
        "or remove what invokes the function from outside of the app"
    )
