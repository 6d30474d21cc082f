"""A write as a step: what it makes of the document that is stored, which is read before where it has to be.

Firestore's own increments are of no use for `add`: they take the place of what is no number, and stop at 64 bits,
without a word (https://cloud.google.com/firestore/docs/manage-data/add-data#increment_a_numeric_value).
"""

from __future__ import annotations

from isthmus import conditions, table_keys, values
from isthmus._typing import Any, Callable, Item, Mapping
from isthmus.conditions import Condition
from isthmus.errors import ConditionFailedError, InvalidValueError
from isthmus.table_checks import check_write
from isthmus.table_writes import Check, Delete, Put, Update, Write
from isthmus_gcp import document_values, documents
from isthmus_gcp.clients.table_database import new_write
from isthmus_gcp.clients.table_store import Store


class Step:
    """One checked write to one table: `key` is its item's key by field, `name` its document's name.

    `is_dense` says that what it writes is to take few bytes.
    """

    __slots__ = ("is_dense", "key", "match", "name", "store", "write")

    def __init__(self, store: Store, write: Write) -> None:
        check_write(write)
        self.store = store
        self.write = write
        self.is_dense = False
        self.match: Mapping[str, Condition] | None = conditions.check(write.if_match) if write.if_match else None
        self.key: Item = _key(store, write)
        self.name = store.document_name(self.key)

    @property
    def is_blind(self) -> bool:
        """Whether it does not matter to it what is stored."""
        return isinstance(self.write, Put) and not self.write.if_absent and self.match is None

    @property
    def is_first(self) -> bool:
        """Whether it puts an item where none is."""
        return isinstance(self.write, Put) and self.write.if_absent

    @property
    def size(self) -> int:
        """The bytes of what it writes, as far as is known before."""
        if isinstance(self.write, Put):
            return values.check(self.write.item)
        return values.check(self.write.set or {}) if isinstance(self.write, Update) else 0

    def on(self, document: Any) -> tuple[Any, Item | None]:
        """Return the write that makes of the stored document (or None) what it must be, and the answer to the caller.

        The write is None where there is nothing to do. `ConditionFailedError` where the document is not as it must be.
        """
        return _FORMS[type(self.write)](self, document)

    def blindly(self) -> Any:
        """Return the write of a `Put`, whatever is stored."""
        assert isinstance(self.write, Put)
        return self.putting(self.write.item)

    def putting(self, item: Item) -> Any:
        """Return the write of its item as a whole."""
        return self.store.putting(self.name, item, is_dense=self.is_dense)

    def is_taken(self) -> ConditionFailedError:
        """Return the error for an item that is there and must not be."""
        return ConditionFailedError(f"table {self.store.keys.name!r}: there is an item with this key already")


def guard(write: Any, document: Any) -> Any:
    """Return `write` so that it fails unless the document is still that which was read (None: is still missing)."""
    if document is None:
        write.current_document.exists = False
    else:
        write.current_document.update_time.CopyFrom(document.update_time)
    return write


def _key(store: Store, write: Write) -> Item:
    """Return the key of what is written, with all of the write checked against the keys of the table."""
    if isinstance(write, Put):
        table_keys.check_entries(store.keys, write.item)
        return table_keys.of_item(store.keys, write.item)
    if isinstance(write, Update):
        changed, added = write.set or {}, dict(write.add or {})
        table_keys.check_changes(store.keys, changed, added, write.remove)
        table_keys.check_entries(store.keys, changed)
        table_keys.check_entries(store.keys, added)
    return table_keys.of_key(store.keys, write.key)


def _put(step: Step, document: Any) -> tuple[Any, Item | None]:
    assert isinstance(step.write, Put)
    old = step.store.stored(document)
    if step.write.if_absent and old is not None:
        raise step.is_taken()
    _require(step, old)
    return step.blindly(), None


def _update(step: Step, document: Any) -> tuple[Any, Item | None]:
    write = step.write
    assert isinstance(write, Update)
    old = step.store.stored(document)
    _require(step, old, exists=write.if_exists)
    item = dict(old or step.key)
    _change(step, item, write)
    values.check(item)
    if old is not None and conditions.same(old, item):
        return None, old
    made = step.putting(item)
    if old is not None:
        _keep(made.update.fields, document.fields, {*(write.set or ()), *(write.add or ()), *write.remove})
    return made, documents.item(document_values.read(made.update.fields))[0]


def _delete(step: Step, document: Any) -> tuple[Any, Item | None]:
    old = step.store.stored(document)
    _require(step, old)
    if old is None:
        return None, None
    write = new_write()
    write.delete = step.name
    return write, old


def _check(step: Step, document: Any) -> tuple[Any, Item | None]:
    assert isinstance(step.write, Check)
    old = step.store.stored(document)
    if not step.write.if_absent:
        _require(step, old, exists=True)
    elif old is not None:
        raise step.is_taken()
    return None, None


def _require(step: Step, old: Item | None, *, exists: bool = False) -> None:
    """Raise `ConditionFailedError` unless the stored item is as a step asks for."""
    where = f"table {step.store.keys.name!r}"
    if old is None and (exists or step.match is not None):
        raise ConditionFailedError(f"{where}: there is no item with this key")
    if step.match is not None and not conditions.holds(step.match, old):
        failed = [name for name, wanted in step.match.items() if not conditions.holds({name: wanted}, old)]
        raise ConditionFailedError(f"{where}: the stored item does not match in {', '.join(failed)}")


def _change(step: Step, item: Item, write: Update) -> None:
    for name in write.remove:
        item.pop(name, None)
    item.update(write.set or {})
    for name, amount in dict(write.add or {}).items():
        stored = item.get(name, 0)
        if not values.is_number(stored):
            where = f"table {step.store.keys.name!r}: {name}"
            raise InvalidValueError(f"{where}: add needs a number, and the stored one is a {type(stored).__name__}")
        item[name] = stored + amount


def _keep(made: Any, stored: Any, touched: set[str]) -> None:
    """Leave what an update does not touch as it is: another program may have written a time, or a reference."""
    for name, value in stored.items():
        if name[:1] != "_" and name in made and documents.unescape(name) not in touched:
            made[name].CopyFrom(value)


_FORMS: Mapping[type, Callable[[Step, Any], tuple[Any, Item | None]]] = {
    Put: _put,
    Update: _update,
    Delete: _delete,
    Check: _check,
}
