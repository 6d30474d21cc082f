"""Garbage for the codecs: well-formed requests with members taken away, doubled, or put to something else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus_gcp.events.arrival import Arrivals
from isthmus_gcp.events.codecs import codecs
from isthmus_gcp.events.posted import Posted
from isthmus_gcp.events.shape import is_list, is_object
from tests.gcp.events.recorded import (
    AUDIT_EVENT,
    DOCUMENT_EVENT,
    INBOX,
    KINDS,
    LEGACY_MESSAGE,
    LEGACY_OBJECT,
    NOTIFICATION,
    PUBLISHED_EVENT,
    STORAGE_EVENT,
    STORED,
    function,
    headers,
)
from tests.gcp.serving import pushed

CODECS = [kind for kind in KINDS if kind != "task"]
ALL, ASYNCHRONOUS = Arrivals(function(), INBOX), Arrivals(function(*CODECS), INBOX)
JSON = {"content-type": "application/json"}
STRUCTURED = {"content-type": "application/cloudevents+json"}


def seeds() -> list[tuple[dict[str, str], Any]]:
    """Return the headers and the JSON of a well-formed request of every form."""
    return [*_pushes(), *_events(), *_calls()]


def _pushes() -> Iterator[tuple[dict[str, str], Any]]:
    for kind in ("queue", "topic", "stream"):
        attributes = {"isthmus-long.0": '{"a":"b"}', "a": "c", "isthmus-sent-at": "1"}
        yield JSON, pushed({}, subscription=f"of-{kind}", attributes=attributes, orderingKey="k")
    yield JSON, pushed(STORED, subscription="of-bucket", attributes=dict(NOTIFICATION))
    due = {"isthmus-source": "of-schedule", "isthmus-due": "2026-01-01T00:00:00Z"}
    yield JSON, pushed({}, subscription=INBOX, attributes=due)
    told = {f"isthmus-ce-{name}": value for name, value in DOCUMENT_EVENT.items() if isinstance(value, str)}
    kept = pushed(DOCUMENT_EVENT["data"], subscription=INBOX, attributes={**told, "isthmus-source": "of-table"})
    yield JSON, kept
    yield {"x-goog-pubsub-subscription-name": "of-queue", "x-goog-pubsub-message-id": "1", "a": "b"}, {}


def _events() -> Iterator[tuple[dict[str, str], Any]]:
    for event in (STORAGE_EVENT, DOCUMENT_EVENT, PUBLISHED_EVENT, AUDIT_EVENT):
        yield STRUCTURED, event
        told = {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}
        yield {**JSON, **told}, event["data"]
    yield JSON, LEGACY_MESSAGE
    yield JSON, LEGACY_OBJECT


def _calls() -> Iterator[tuple[dict[str, str], Any]]:
    yield {**JSON, "isthmus-source": "of-schedule", "x-cloudscheduler-scheduletime": "2026-01-01T00:00:00Z"}, {}
    yield {**JSON, "isthmus-source": "of-task", "x-cloudtasks-taskretrycount": "1"}, [1]
    yield {**JSON, "isthmus-call": "1", "traceparent": "00-1"}, {"a": 1}


def mutated(original: Any, choose: Callable[[int], int], replacement: Any) -> Any:
    """Return a copy with one place of it changed; `choose(n)` says which of n."""
    document = copy.deepcopy(original)
    holder: Any = None
    at: Any = None
    inner: Any = document
    while (is_object(inner) or is_list(inner)) and inner and (holder is None or choose(8)):
        holder = inner
        at = list(holder)[choose(len(holder))] if is_object(holder) else choose(len(holder))
        inner = holder[at]
    if holder is None:
        return replacement
    _change(holder, at, choose(4), replacement)
    return document


def _change(holder: Any, at: Any, how: int, replacement: Any) -> None:
    if how == 0:
        del holder[at]
    elif how == 1 and is_list(holder):
        holder.append(holder[at])
    elif how == 2 and isinstance(holder[at], str):
        holder[at] = holder[at][: len(holder[at]) // 2]
    else:
        holder[at] = replacement


def posted(told: Mapping[str, str], document: Any) -> Posted:
    """Return a request with these headers and a body of JSON."""
    return Posted(headers(dict(told)), json.dumps(document).encode("utf-8", "surrogatepass"))


def check(make: Callable[[], Posted]) -> None:
    """Read a request in every way; whatever it is, only a `BadEventError` comes out of it, or a `Malformed`."""
    for arrivals in (ALL, ASYNCHRONOUS):
        _survives(partial(_events_of, arrivals, make))
    for kind in CODECS:
        _survives(partial(_decoded, kind, make))
    _survives(lambda: [codecs["task"].decode(make())], reads=False)


def _decoded(kind: str, make: Callable[[], Posted]) -> list[Any]:
    found: list[Any] = codecs[kind].decode(make())
    return found


def _events_of(arrivals: Arrivals, make: Callable[[], Posted]) -> list[Any]:
    record = arrivals.of_request(make())
    return [] if record is None or record.way in ("start", "foreign") else record.events


def _survives(read: Callable[[], list[Any]], *, reads: bool = True) -> None:
    try:
        found = read()
    except BadEventError as error:
        assert str(error)  # noqa: PT017 - it has a reason
        return
    for entry in found if reads else ():
        if isinstance(entry, Malformed):
            assert type(entry.error) is BadEventError
        else:
            _touch(entry)


def _touch(entry: Any) -> None:
    """Read what is lazy; a handler never gets bytes, or a JSON document, in place of an event."""
    assert type(entry).__module__.startswith(("isthmus.", "isthmus_gcp."))
    for name in dir(entry):
        if not name.startswith("_") and name not in ("json", "text"):
            getattr(entry, name)
