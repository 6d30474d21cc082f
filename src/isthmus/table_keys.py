"""What the keys of a table may be: of the declared form and type, not empty, not too long.

The same on every provider, over what says how a table is keyed: its declaration, or the `Keys` of a link.
"""

from __future__ import annotations

from isthmus._typing import Any, Item, Key, Mapping, Protocol, Sequence
from isthmus.errors import InvalidValueError

PARTITION_LIMIT = 2048
SORT_LIMIT = 1024
"""The most bytes of a partition value and of a sort value, in a table's key and in an index's."""

_LIMITS = (PARTITION_LIMIT, SORT_LIMIT)
_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "binary": (bytes,)}


class Keyed(Protocol):
    """What says how a table is keyed: the types of its key fields, and its indexes by name."""

    @property
    def name(self) -> str:
        """The declared name."""
        ...

    @property
    def fields(self) -> Mapping[str, str]:
        """Key field to "string", "number" or "binary"."""
        ...

    @property
    def primary_index(self) -> str | Sequence[str]:
        """The partition field, or the partition and the sort field."""
        ...

    @property
    def global_indexes(self) -> Mapping[str, str | Sequence[str]]:
        """The same for each index."""
        ...


class Keys:
    """How a linked table is keyed: what `Link.properties` say of it."""

    __slots__ = ("fields", "global_indexes", "name", "primary_index")

    def __init__(self, name: str, properties: Mapping[str, Any]) -> None:
        self.name = name
        self.fields: Mapping[str, str] = properties["fields"]
        self.primary_index: Sequence[str] = properties["key"]
        self.global_indexes: Mapping[str, Sequence[str]] = properties.get("indexes", {})


def names(index: str | Sequence[str]) -> tuple[str, ...]:
    """Return the fields of a primary or global index: the partition's, and the sort's if it has one."""
    return (index,) if isinstance(index, str) else tuple(index)


def fields_of(table: Keyed, index: str | None) -> tuple[str, ...]:
    """Return the fields of an index, or of the table's own key; `InvalidValueError` names the indexes there are."""
    if index is None:
        return names(table.primary_index)
    if index not in table.global_indexes:
        known = ", ".join(table.global_indexes) or "none"
        raise InvalidValueError(f"table {table.name!r} has no index {index!r}; it has {known}")
    return names(table.global_indexes[index])


def of_item(table: Keyed, item: Item) -> Item:
    """Return the key of `item` by field; `InvalidValueError` where a field of it is missing or cannot be a key's."""
    fields = names(table.primary_index)
    for field in fields:
        if field not in item:
            raise InvalidValueError(f"table {table.name!r}: the item has no {field!r}, a field of its key")
    return _checked(table, fields, [item[field] for field in fields])


def of_key(table: Keyed, key: Key) -> Item:
    """Return `key` by field; `InvalidValueError` where it is not of the declared form and types."""
    fields = names(table.primary_index)
    values = list(key) if isinstance(key, tuple) else [key]
    if len(values) != len(fields):
        form = f"({', '.join(fields)})" if len(fields) > 1 else "".join(fields)
        raise InvalidValueError(f"table {table.name!r}: a key is {form}, and this one has {len(values)} values")
    return _checked(table, fields, values)


def check_entries(table: Keyed, item: Item) -> None:
    """Refuse (`InvalidValueError`) an item with a field of an index whose value could not stand there."""
    for index in table.global_indexes.values():
        for field, limit in zip(names(index), _LIMITS, strict=False):
            if field in item:
                check_value(table, field, item[field], limit)


def check_changes(table: Keyed, set: Item, add: Mapping[str, Any], remove: Sequence[str]) -> None:
    """Refuse (`InvalidValueError`) an update that changes the key, or one attribute in two ways."""
    changed = [*set, *add, *remove]
    for name in names(table.primary_index):
        if name in changed:
            raise InvalidValueError(f"table {table.name!r}: {name!r} is of the key, which an update cannot change")
    twice = sorted({name for name in changed if changed.count(name) > 1})
    if twice:
        raise InvalidValueError(f"table {table.name!r}: an update changes {', '.join(twice)} in two ways")


def check_range(table: Keyed, index: str | None, prefix: Any, at_least: Any, at_most: Any) -> None:
    """Refuse (`InvalidValueError`) bounds of a sort field that is not there, or of another type, or too long.

    An empty bound is none.
    """
    bounds = [bound for bound in (prefix, at_least, at_most) if bound is not None]
    if not bounds:
        return
    fields = fields_of(table, index)
    if len(fields) == 1:
        raise InvalidValueError(
            f"table {table.name!r}: what is keyed by {fields[0]!r} alone has no sort field to narrow"
        )
    if prefix is not None:
        if len(bounds) > 1:
            raise InvalidValueError("a query takes prefix, or at_least and at_most, not both")
        if table.fields[fields[1]] == "number":
            raise InvalidValueError(f"table {table.name!r}: {fields[1]!r} is a number, which has no prefix")
    for bound in bounds:
        check_type(table, fields[1], bound)
        _check_size(table, fields[1], _size(bound), SORT_LIMIT)


def check_value(table: Keyed, field: str, value: Any, limit: int = SORT_LIMIT) -> None:
    """Refuse (`InvalidValueError`) a value of a key field that is of another type than declared, empty or too long."""
    check_type(table, field, value)
    size = _size(value)
    if not size:
        raise InvalidValueError(f"table {table.name!r}: {field!r}, a key field, is empty")
    _check_size(table, field, size, limit)


def check_type(table: Keyed, field: str, value: Any) -> None:
    """Refuse (`InvalidValueError`) a value that is not of a key field's declared type."""
    declared = table.fields[field]
    if type(value) not in _TYPES[declared]:
        what = f"table {table.name!r}: {field!r}, a key field, is declared as a {declared}"
        raise InvalidValueError(f"{what}, and {type(value).__name__} is none")


def _checked(table: Keyed, fields: tuple[str, ...], values: list[Any]) -> Item:
    for field, value, limit in zip(fields, values, _LIMITS, strict=False):
        check_value(table, field, value, limit)
    return dict(zip(fields, values, strict=True))


def _check_size(table: Keyed, field: str, size: int, limit: int) -> None:
    if size > limit:
        what = f"{size:,} bytes long, and the limit is {limit:,}"
        raise InvalidValueError(f"table {table.name!r}: {field!r}, a key field, is {what}")


def _size(value: str | int | float | bytes) -> int:
    """Return the bytes that count against the limit of a key: those of text and of bytes."""
    if isinstance(value, bytes):
        return len(value)
    if not isinstance(value, str):
        return 1
    if value.isascii():
        return len(value)
    try:
        return len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidValueError(f"a key holds a lone surrogate at position {error.start}: it is no Unicode") from None
