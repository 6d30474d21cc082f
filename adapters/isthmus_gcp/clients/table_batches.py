"""Many items read or written, as many requests as that takes."""

from __future__ import annotations

from isthmus import table_keys, values
from isthmus._typing import Any, Item, Iterable, Iterator, Key, Mapping, Sequence
from isthmus.table_checks import check_key
from isthmus_gcp.clients.table_patience import Patience
from isthmus_gcp.clients.table_store import Store

READ_LIMIT = 300
"""The most keys of one request: Firestore names no limit."""

WRITE_LIMIT = 250
"""The most items of one request, of the 500 that Firestore takes: https://cloud.google.com/firestore/quotas."""

WRITE_BYTES = 4 * 1024 * 1024
"""The bytes that end one, of the 10 MiB that Firestore takes: no document has more than 1 MiB."""

_PASSING = (4, 8, 10, 13, 14)
"""The codes of gRPC that may be over a moment later: https://grpc.github.io/grpc/core/md_doc_statuscodes.html."""

_ABORTED = 10


def get_many(store: Store, keys: Sequence[Key]) -> list[Item | None]:
    """Return the items of the keys, in their order; a key may come more than once."""
    store.allow("read")
    wanted = [store.document_name(table_keys.of_key(store.keys, check_key(key))) for key in keys]
    different = list(dict.fromkeys(wanted))
    found: dict[str, Any] = {}
    for start in range(0, len(different), READ_LIMIT):
        found |= _read(store, different[start : start + READ_LIMIT])
    return [store.stored(found.get(name)) for name in wanted]


def put_many(store: Store, items: Iterable[Item]) -> None:
    """Write any number of items, each by itself; of two with one key the later one stays."""
    store.allow("write")
    for batch in _batches(store, items):
        _write(store, list(batch.values()))


def _read(store: Store, names: Sequence[str]) -> Mapping[str, Any]:
    return store.ask("read", lambda: store.database.get(names))[0]


def _write(store: Store, writes: Sequence[Any]) -> None:
    patience = Patience()
    while writes:
        asked = writes
        statuses = store.ask("write", lambda: store.database.write_each(asked))  # noqa: B023 - asked at once
        writes = [write for write, status in zip(asked, statuses, strict=True) if status.code]
        faults = [status for status in statuses if status.code]
        _check(store, faults)
        if faults and not patience.wait(contended=all(fault.code == _ABORTED for fault in faults)):
            _refuse(store, faults[0])


def _check(store: Store, faults: Sequence[Any]) -> None:
    """Refuse the first fault that does not pass."""
    for fault in faults:
        if fault.code not in _PASSING:
            _refuse(store, fault)


def _refuse(store: Store, status: Any) -> None:
    from importlib import import_module  # the library has no types of its own

    error: Exception = import_module("google.api_core.exceptions").from_grpc_status(status.code, status.message)
    store.refuse(error, "write")
    raise error


def _batches(store: Store, items: Iterable[Item]) -> Iterator[Mapping[str, Any]]:
    """Yield batches of the writes of checked items; within one each key comes once, as Firestore asks."""
    batch: dict[str, Any] = {}
    size = 0
    for item in items:
        values.check(item)
        name = store.document_name(table_keys.of_item(store.keys, item))
        batch[name] = store.putting(name, item)
        size += batch[name].ByteSize()
        if len(batch) == WRITE_LIMIT or size >= WRITE_BYTES:
            yield batch
            batch, size = {}, 0
    if batch:
        yield batch
