"""The client of a linked table."""

from __future__ import annotations

from isthmus import conditions, values
from isthmus._typing import Any, Callable, Item, Iterable, Iterator, Key, Mapping, Sequence, Value
from isthmus.conditions import Condition
from isthmus.envelope import outgoing
from isthmus.errors import InvalidValueError
from isthmus.links import Link
from isthmus.page import Page
from isthmus.payload import JSON
from isthmus.table_checks import check_key, check_key_value, check_write
from isthmus.table_keys import Keys
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus_local.clients.asking import CHUNK, CHUNK_BYTES, Transport


class TableClient:
    """A linked table: see `isthmus.ports.Table`."""

    __slots__ = ("_link", "_transport", "name")

    def __init__(self, link: Link, transport: Transport) -> None:
        self.name = link.physical
        self._link = link
        self._transport = transport

    @property
    def declared_name(self) -> str:
        """The name that the table is declared with."""
        return self._link.name

    @property
    def keys(self) -> Keys:
        """How the table is keyed, for the integrations of workflows."""
        return Keys(self._link.name, self._link.properties)

    def get(self, key: Key) -> Item | None:
        """Return the item; None where there is none."""
        item: Item | None = self._call("get", check_key(key))
        return item

    def get_many(self, keys: Sequence[Key]) -> list[Item | None]:
        """Return the items of the keys, in their order."""
        wanted = [check_key(key) for key in keys]
        items: list[Item | None] = []
        for start in range(0, len(wanted), CHUNK):
            items += self._call("get_many", wanted[start : start + CHUNK])
        return items

    def put(
        self, item: Item, *, if_absent: bool = False, if_match: Mapping[str, Value | Condition] | None = None
    ) -> None:
        """Write the whole item."""
        self._write("put", *_put(check_write(Put(item, if_absent=if_absent, if_match=if_match))))

    def put_many(self, items: Iterable[Item]) -> None:
        """Write any number of items, each by itself."""
        for chunk in _chunks(items):
            self._write("put_many", chunk)

    def update(
        self,
        key: Key,
        *,
        set: Item | None = None,
        add: Mapping[str, int | float] | None = None,
        remove: Sequence[str] = (),
        if_exists: bool = False,
        if_match: Mapping[str, Value | Condition] | None = None,
    ) -> Item:
        """Change some attributes and return the new item."""
        write = Update(key, set=set, add=add, remove=remove, if_exists=if_exists, if_match=if_match)
        item: Item = self._write("update", *_update(check_write(write)))
        return item

    def delete(self, key: Key, *, if_match: Mapping[str, Value | Condition] | None = None) -> Item | None:
        """Delete the item and return what it was."""
        item: Item | None = self._write("delete", *_delete(check_write(Delete(key, if_match=if_match))))
        return item

    def query(
        self,
        partition: str | int | float | bytes,
        *,
        index: str | None = None,
        prefix: str | None = None,
        at_least: str | int | float | bytes | None = None,
        at_most: str | int | float | bytes | None = None,
        reverse: bool = False,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Item]:
        """Return a page of one partition's items, in order of their sort field."""
        narrowed = (check_key_value(partition), index, *map(_bound, (prefix, at_least, at_most)))
        return Page(*self._call("query", *narrowed, bool(reverse), limit, _cursor(cursor)))

    def scan(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Item]:
        """Return a page of all items."""
        return Page(*self._call("scan", limit, _cursor(cursor)))

    def transact(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none."""
        steps = [self._step(write) for write in writes]
        if steps:
            self._write("transact", steps)

    def _step(self, write: Write) -> tuple[Any, ...]:
        verb, prepare = _STEPS.get(type(write), ("", None))
        if prepare is None:
            raise InvalidValueError(f"transact takes Put, Update, Delete and Check, not {type(write).__name__}")
        table = self if write.table is None else write.table
        if not isinstance(table, TableClient):
            raise InvalidValueError(f"table= takes a linked table such as Resource.Users, not {table!r}")
        return (verb, table.declared_name, *prepare(check_write(write)))

    def _write(self, verb: str, *args: Any) -> Any:
        return self._call(verb, *args, outgoing(None, JSON))  # what rides with it goes on to who hears of the change

    def _call(self, verb: str, *args: Any) -> Any:
        return self._transport.call(f"table.{verb}", self._link.name, *args)

    def __repr__(self) -> str:
        return f"<Table {self._link.name}>"


def _bound(value: Any) -> str | int | float | bytes | None:
    return None if value is None else check_key_value(value)


def _cursor(cursor: Any) -> str | None:
    if cursor is None or type(cursor) is str:
        return cursor
    raise InvalidValueError(f"a cursor is what a page gave, not {cursor!r:.80}")


def _put(write: Put) -> tuple[Any, ...]:
    return write.item, bool(write.if_absent), _match(write.if_match)


def _update(write: Update) -> tuple[Any, ...]:
    changed, added = write.set or {}, dict(write.add or {})
    return write.key, changed, added, list(write.remove), bool(write.if_exists), _match(write.if_match)


def _delete(write: Delete) -> tuple[Any, ...]:
    return write.key, _match(write.if_match)


def _check(write: Check) -> tuple[Any, ...]:
    return write.key, bool(write.if_absent), _match(write.if_match)


def _match(if_match: Mapping[str, Value | Condition] | None) -> dict[str, tuple[str, Any]] | None:
    if if_match is None:
        return None
    return {name: (condition.op, condition.operand) for name, condition in conditions.check(if_match).items()}


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    size = 0
    for item in items:
        size += values.check(item)
        chunk.append(item)
        if len(chunk) >= CHUNK or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


_STEPS: Mapping[type, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    Put: ("put", _put),
    Update: ("update", _update),
    Delete: ("delete", _delete),
    Check: ("check", _check),
}
