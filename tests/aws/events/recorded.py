"""Events as AWS sends them, and functions that take them.

The files in `wire/` are the examples of AWS's pages (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and its
like for the other services), with names as Isthmus gives them, and what its own clients send along.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from isthmus.links import Identity
from isthmus.serve import Malformed
from isthmus.sources import Source
from isthmus_aws.events.batch import Batch, batch_of

WIRE = Path(__file__).parent / "wire"
KINDS = ("queue", "topic", "stream", "table", "bucket", "schedule", "task")
WORK = "orders-dev-Work-1a2b3c4d"
LEDGER = "orders-dev-Ledger-1a2b3c4d.fifo"


def event(name: str) -> Any:
    """Return the event of a file."""
    return json.loads((WIRE / f"{name}.json").read_text())


def inbox(body: Any, *, kind: str, attributes: Any = None) -> Any:
    """Return an event of SQS with one message, which `function_of(kind)` knows as one of its inbox."""
    sent = event("sqs")
    record = sent["Records"][0]
    record["body"] = body if isinstance(body, str) else json.dumps(body)
    record["messageAttributes"] = attributes or {}
    record["eventSourceARN"] = f"arn:aws:sqs:us-east-2:123456789012:inbox-{kind}"
    return {"Records": [record]}


def function(*triggers: str, sources: dict[str, Source] | None = None) -> Identity:
    """Return a function with these triggers (all, where none is named), and an inbox for each kind that has one."""
    known = {f"inbox-{kind}": Source(kind, f"The{kind.title()}") for kind in KINDS if kind not in ("stream", "table")}
    known[WORK] = Source("queue", "Work")
    known[LEDGER] = Source("queue", "Ledger", ordered=True)
    return Identity(
        app="orders",
        stage="dev",
        provider="aws",
        function="Reserve",
        triggers=triggers or KINDS,
        sources=known if sources is None else sources,
    )


def read(sent: Any, *, sources: dict[str, Source] | None = None) -> Batch:
    """Return the batch of an event, for a function that takes every kind."""
    return batch_of(sent, function(sources=sources))


def events(sent: Any, *, sources: dict[str, Source] | None = None) -> list[Any]:
    """Return the neutral events of an event."""
    return [found for record in read(sent, sources=sources).records for found in record.events]


def only(sent: Any, *, sources: dict[str, Source] | None = None) -> Any:
    """Return the one neutral event of an event."""
    (found,) = events(sent, sources=sources)
    if isinstance(found, Malformed):
        found.refuse()
    return found
