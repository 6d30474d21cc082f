"""The client of a linked table, on DynamoDB."""

from __future__ import annotations

from isthmus import table_keys
from isthmus._typing import Any, Item, Iterable, Key, Mapping, Sequence, Value
from isthmus.conditions import Condition
from isthmus.errors import InvalidValueError
from isthmus.links import Link
from isthmus.page import Page
from isthmus.table_checks import check_key
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus_aws.attribute_values import from_item
from isthmus_aws.clients import table_batches, table_changes, table_listings
from isthmus_aws.clients.table_steps import Step
from isthmus_aws.clients.table_store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services


class TableClient:
    """A linked table: see `isthmus.ports.Table`.

    `add` of floats is DynamoDB's, which counts in decimal: 0.1 and 0.2 make 0.3, not a double's 0.30000000000000004.
    """

    __slots__ = ("_store", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._store = Store(link, services)

    def get(self, key: Key) -> Item | None:
        """Return the item; None where there is none."""
        wanted = from_item(table_keys.of_key(self._store.keys, check_key(key)))
        answer = self._store.ask("read", "get_item", TableName=self.name, Key=wanted, ConsistentRead=True)
        image = answer.get("Item")
        return self._store.stored(image) if image else None

    def get_many(self, keys: Sequence[Key]) -> list[Item | None]:
        """Return the items of the keys, in their order."""
        return table_batches.get_many(self._store, keys)

    def put(
        self, item: Item, *, if_absent: bool = False, if_match: Mapping[str, Value | Condition] | None = None
    ) -> None:
        """Write the whole item."""
        table_changes.write(Step(self._store, Put(item, if_absent=if_absent, if_match=if_match)))

    def put_many(self, items: Iterable[Item]) -> None:
        """Write any number of items, each by itself."""
        table_batches.put_many(self._store, items)

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
        return table_changes.write(Step(self._store, write)) or {}

    def delete(self, key: Key, *, if_match: Mapping[str, Value | Condition] | None = None) -> Item | None:
        """Delete the item and return what it was."""
        return table_changes.write(Step(self._store, Delete(key, if_match=if_match)))

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
        listing = table_listings.query(
            self._store, partition, index, prefix=prefix, at_least=at_least, at_most=at_most, reverse=reverse
        )
        return listing.page(limit, cursor) if listing else Page([])

    def scan(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Item]:
        """Return a page of all items."""
        return table_listings.scan(self._store).page(limit, cursor)

    def transact(self, writes: Sequence[Write]) -> None:
        """Apply all writes or none."""
        steps = [self._step(write) for write in writes]
        if steps:
            table_changes.transact(self._store, steps)

    def _step(self, write: Any) -> Step:
        if not isinstance(write, Put | Update | Delete | Check):
            raise InvalidValueError(f"transact takes Put, Update, Delete and Check, not {type(write).__name__}")
        table = self if write.table is None else write.table
        if not isinstance(table, TableClient):
            raise InvalidValueError(f"table= takes a linked table such as Resource.Users, not {table!r}")
        table._store.allow("write")
        return Step(table._store, write)

    def __repr__(self) -> str:
        return f"<Table {self._store.keys.name}>"
