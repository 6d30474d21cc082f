"""Recorded events: each goes through the codec of the provider and trigger that its service label stands for."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from isthmus.errors import BadEventError
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.object_event import ObjectEvent
from isthmus.ports import Codec, Provider
from isthmus.serve import Malformed
from isthmus.table_change import TableChange
from isthmus.tick import Tick
from tests.corpus import google
from tests.corpus.index import Row, inside, rows
from tests.corpus.labels import whole, why_not
from tests.corpus.report import Outcome

SERVICES: Mapping[str, tuple[str, str]] = {
    "aws:alb": ("aws", "http"),
    "aws:apigw-http-1.0": ("aws", "http"),
    "aws:apigw-v1": ("aws", "http"),
    "aws:apigw-v2": ("aws", "http"),
    "aws:function-url": ("aws", "http"),
    "aws:sqs": ("aws", "queue"),
    "aws:sns": ("aws", "topic"),
    "aws:kinesis": ("aws", "stream"),
    "aws:dynamo": ("aws", "table"),
    "aws:dynamodb": ("aws", "table"),
    "aws:s3": ("aws", "bucket"),
    "aws:schedule": ("aws", "schedule"),
    "aws:scheduler": ("aws", "schedule"),
    "aws:eventbridge:aws.events": ("aws", "schedule"),
    "aws:eventbridge:aws.scheduler": ("aws", "schedule"),
    "gcp:cloudevent:cloud.pubsub.topic": ("gcp", "topic"),
    "gcp:cloudevent:cloud.storage.object": ("gcp", "bucket"),
    "gcp:cloudevent:cloud.firestore.document": ("gcp", "table"),
}
"""Service label of a row → (provider, trigger kind). A label that is missing here is of no trigger that Isthmus has."""

EVENTS: Mapping[str, type] = {
    "http": HttpRequest,
    "queue": Message,
    "topic": Message,
    "stream": Message,
    "table": TableChange,
    "bucket": ObjectEvent,
    "schedule": Tick,
}
"""Trigger kind → what its codec decodes to: one of these, or several."""


def run(directory: Path, providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each case of `events.jsonl` in `directory`, with the codecs of `providers`."""
    for row in rows(directory, "events.jsonl", required=("path", "service")):
        yield row if isinstance(row, Outcome) else _case(directory, row, providers)


def _case(directory: Path, row: Row, providers: Mapping[str, Provider]) -> Outcome:
    path = row.fields["path"]
    file = inside(directory, path)
    if isinstance(file, str):
        return Outcome(path, "differ", file)
    service = row.fields["service"]
    found = None if service in google.VAGUE else _codec(service, providers)
    if isinstance(found, str):
        return Outcome(path, "not applicable", found)
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        return Outcome(path, "differ", f"the file is not JSON: {error}")
    service = google.labelled(service, document)
    found = found or _codec(service, providers)
    if isinstance(found, str):
        return Outcome(path, "not applicable", found)
    kind, codec = found
    raw = whole(service, document)
    if reason := why_not(service, raw):
        return Outcome(path, "not applicable", reason)
    fault = _fault(kind, codec, raw)
    return Outcome(path, "differ" if fault else "agree", fault)


def _codec(service: str, providers: Mapping[str, Provider]) -> tuple[str, Codec[Any]] | str:
    """Return the trigger kind and codec of a service label, or why there is none."""
    if service not in SERVICES:
        return f"no trigger of Isthmus delivers {service} events"
    provider, kind = SERVICES[service]
    if provider not in providers:
        return f"the {provider} provider is not installed"
    if kind not in providers[provider].codecs:
        return f"the {provider} provider has no codec of kind {kind!r}"
    return kind, providers[provider].codecs[kind]


def _fault(kind: str, codec: Codec[Any], raw: Any) -> str:
    """Return what is wrong with the way `codec` treats an event; "" where all is well."""
    try:
        return _decode(kind, codec, raw) or _encode(kind, codec)
    except Exception as error:  # whatever a codec raises is its disagreement with the case, not ours
        return f"{type(error).__name__}: {error}"


def _decode(kind: str, codec: Codec[Any], raw: Any) -> str:
    decoded: object = codec.decode(raw)
    events = cast("Sequence[object]", decoded) if isinstance(decoded, (list, tuple)) else [decoded]
    for event in events:
        if isinstance(event, Malformed):
            event.refuse()
        if not isinstance(event, EVENTS[kind]):
            return f"decoded to {type(event).__name__}, not {EVENTS[kind].__name__}"
        fault = _read(event)
        if fault:
            return fault
    return "" if events else "decoded to no event at all"


def _read(event: object) -> str:
    """Read every public attribute: a codec is lazy, so that only reading shows what it cannot parse.

    Some recorded requests hold a text that they say is base64. Of these the body must be refused, and nothing else.
    """
    names = [name for name in dir(event) if not name.startswith("_")]
    if isinstance(event, HttpRequest) and _lies(event.raw):
        names.remove("body")
        try:
            return f"a body that is not the base64 it should be was read as {event.body!r}"
        except BadEventError:
            pass
    for name in names:
        getattr(event, name)
    return ""


def _lies(raw: Any) -> bool:
    """Tell whether an event says that its body is base64, and it is not."""
    fields = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
    if fields.get("isBase64Encoded") is not True:
        return False
    try:
        b64decode(fields.get("body") or "", validate=True)
    except ValueError:
        return True
    return False


def _encode(kind: str, codec: Codec[Any]) -> str:
    """Answer an http event: the other kinds' answers depend on what became of each event, not on the event's form."""
    if kind == "http" and codec.encode(HttpResponse.json({"ok": True})) is None:
        return "an answer encoded to nothing"
    return ""
