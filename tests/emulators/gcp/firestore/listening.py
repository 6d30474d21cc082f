"""Listening to a query or to documents: first what there is, then each change.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#listenresponse. One target a stream, and no
resuming from a token: every stream begins with all that there is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from tests.emulators.gcp.firestore import plans, queries
from tests.emulators.gcp.firestore.clock import timestamp
from tests.emulators.gcp.firestore.database import Database
from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.messages import ListenResponse, Message, TargetChange

_NO_CHANGE, _ADDED, _CURRENT = 0, 1, 3

Look = Callable[[], list[Message]]


async def listen(databases: Databases, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
    """Yield what happens to the first target that is asked for, for ever."""
    first = await anext(requests)
    database, target = databases.of(first.database), first.add_target
    look = _look(database, target)
    yield _target(_ADDED, target.target_id)
    known = {document.name: document for document in look()}
    for document in known.values():
        yield _changed(document, target.target_id)
    yield _target(_CURRENT, target.target_id, database.clock.now())
    yield _target(_NO_CHANGE, None, database.clock.now())
    while True:
        await database.changed()
        now = {document.name: document for document in look()}
        events = _events(database, known, now, target.target_id)
        for event in events:
            yield event
        if events:
            yield _target(_NO_CHANGE, None, database.clock.now())
        known = now


def _look(database: Database, target: Message) -> Look:
    if target.HasField("query"):
        query = queries.parse(target.query.parent, target.query.structured_query)
        plans.check(query, database.indexes)
        return lambda: query.run(database.documents)
    names = list(target.documents.documents)
    return lambda: [document for name in names if (document := database.documents.get(name)) is not None]


def _events(database: Database, known: dict[str, Message], now: dict[str, Message], target: int) -> list[Message]:
    events = [_changed(document, target) for name, document in now.items() if known.get(name) is not document]
    return events + [_gone(database, name, target) for name in known.keys() - now.keys()]


def _changed(document: Message, target: int) -> Message:
    return ListenResponse(document_change={"document": document, "target_ids": [target]})


def _gone(database: Database, name: str, target: int) -> Message:
    event = {"document": name, "removed_target_ids": [target], "read_time": timestamp(database.clock.now())}
    if database.documents.get(name) is None:
        return ListenResponse(document_delete=event)
    return ListenResponse(document_remove=event)


def _target(kind: int, target: int | None, at: int | None = None) -> Message:
    change = TargetChange(target_change_type=kind, target_ids=[] if target is None else [target])
    if at is not None:
        change.read_time.CopyFrom(timestamp(at))
        change.resume_token = str(at).encode()
    return ListenResponse(target_change=change)
