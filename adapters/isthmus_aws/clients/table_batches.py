"""Many items read or written, as many requests as that takes: what DynamoDB leaves undone is asked for again."""

from __future__ import annotations

from isthmus import table_keys, values
from isthmus._typing import Any, Item, Iterable, Iterator, Key, Mapping, Sequence
from isthmus.errors import ServiceError
from isthmus.table_checks import check_key
from isthmus_aws.attribute_values import from_item
from isthmus_aws.clients.backoff import pause
from isthmus_aws.clients.table_store import Store

READ_LIMIT = 100
"""The most keys of one request: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html."""

WRITE_LIMIT = 25
"""The most items of one: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html."""

WRITE_BYTES = 4 * 1024 * 1024
"""The most bytes of one, about: DynamoDB takes 16 MB, and JSON may make one byte six."""

PATIENCE = 12
"""How often in a row a request may get nothing done before it is given up."""


def get_many(store: Store, keys: Sequence[Key]) -> list[Item | None]:
    """Return the items of the keys, in their order; a key may come more than once."""
    store.allow("read")
    wanted = [table_keys.of_key(store.keys, check_key(key)) for key in keys]
    different = list({tuple(key.values()): key for key in wanted}.values())
    found: dict[tuple[Any, ...], Item] = {}
    for start in range(0, len(different), READ_LIMIT):
        for item in _read(store, different[start : start + READ_LIMIT]):
            found[_address(store, item)] = item
    items = [found.get(tuple(key.values())) for key in wanted]
    return _apart(items)


def put_many(store: Store, items: Iterable[Item]) -> None:
    """Write any number of items, each by itself; of two with one key the later one stays."""
    store.allow("write")
    for batch in _batches(store, items):
        _write(store, [{"PutRequest": {"Item": store.image(item)}} for item in batch])


def _read(store: Store, keys: Sequence[Item]) -> Iterator[Item]:
    """Yield the items of some keys, in no order."""
    wanted: Any = {store.name: {"Keys": [from_item(key) for key in keys], "ConsistentRead": True}}
    idle = 0
    while wanted:
        answer = store.ask("read", "batch_get_item", RequestItems=wanted)
        images = answer["Responses"].get(store.name, ())
        yield from filter(None, map(store.stored, images))
        wanted = answer.get("UnprocessedKeys")
        idle = 0 if images else idle + 1
        _wait(store, wanted, idle)


def _write(store: Store, requests: Sequence[Mapping[str, Any]]) -> None:
    wanted: Any = {store.name: requests}
    idle = 0
    while wanted:
        before = len(wanted[store.name])
        wanted = store.ask("write", "batch_write_item", RequestItems=wanted).get("UnprocessedItems")
        idle = 0 if wanted and len(wanted[store.name]) < before else idle + 1
        _wait(store, wanted, idle)


def _wait(store: Store, wanted: object, idle: int) -> None:
    """Wait before what is left is asked for again; `ServiceError` where that has got nowhere for long."""
    if not wanted:
        return
    if idle >= PATIENCE:
        raise ServiceError(f"table {store.keys.name!r}: DynamoDB throttles: it did nothing in {idle} requests")
    pause(idle)


def _batches(store: Store, items: Iterable[Item]) -> Iterator[Iterable[Item]]:
    """Yield batches of checked items; within one each key comes once, as DynamoDB asks."""
    batch: dict[tuple[Any, ...], Item] = {}
    size = 0
    for item in items:
        size += values.check(item)
        batch[tuple(table_keys.of_item(store.keys, item).values())] = item
        if len(batch) == WRITE_LIMIT or size >= WRITE_BYTES:
            yield batch.values()
            batch, size = {}, 0
    if batch:
        yield batch.values()


def _address(store: Store, item: Item) -> tuple[Any, ...]:
    """Return the key's values: equal for 1 and 1.0, as keys are."""
    return tuple(item[field] for field in table_keys.names(store.keys.primary_index))


def _apart(items: list[Item | None]) -> list[Item | None]:
    """Return items none of which is another: a handler that changes one changes no other."""
    seen: set[int] = set()
    for position, item in enumerate(items):
        if item is not None and id(item) in seen:
            items[position] = _copy(item)
        seen.add(id(item))
    return items


def _copy(value: Any) -> Any:
    kind = value.__class__
    if kind is dict:
        return {name: _copy(entry) for name, entry in value.items()}
    return [_copy(entry) for entry in value] if kind is list else value
