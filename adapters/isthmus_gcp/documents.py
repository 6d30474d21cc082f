"""Items as documents of Firestore: attributes are fields of their own, so that its indexes and its console see them.

A name that begins with `_` or `~` gets one more `~` in front, in nested maps too; what then begins with `_` is ours. A
list directly in a list stands in a map of its own (`_list`), since Firestore takes none. What a document cannot hold as
a field is kept in one packed field, `_packed`: attributes that are nested too deeply, names that are too long with
their escape, and all but the keys of an item that would count for more than a document may; also the full text of a
partition value that is too long for an index, in whose place a digest of it stands.
Limits: https://cloud.google.com/firestore/quotas
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Item, Iterable, Mapping
from isthmus.table_keys import Keyed, names

KEY = "_key"
"""The own field that names the key's fields: an event of a change has nothing else to know them by."""

TTL = "_ttl"
"""The own field that holds the time at which the item expires, for Firestore's policy."""

ENVELOPE = "_envelope"
"""The own field that holds what rode with the last write."""

MARK = "_mark"
"""The own field that tells the last write from any other: see `table_commits`."""

PACKED = "_packed"
"""The own field that holds what no field could."""

LIST = "_list"
DIGEST = "_digest"
BYTES = "_bytes"

NAME_LIMIT = 1500
INDEXED_LIMIT = 1500
"""The bytes that an index keeps of a value: what is longer is cut, and no longer found for certain."""

DEPTH_LIMIT = 20
SIZE_LIMIT = 1_000_000
"""The most bytes that the fields of a document may count for, with room for its name and for our own fields."""

SAFE_BYTES = 250_000
"""What takes fewer on the way counts for less than `SIZE_LIMIT`: a number of two bytes counts for eight."""

_FRAME = 8
_NUMBER = 14
"""What surrounds a value or a name on the way, and what a number takes, at most."""

_ESCAPED = "_~"


def escape(name: str) -> str:
    """Return what an attribute's name is as that of a field."""
    return f"~{name}" if name[0] in _ESCAPED else name


def unescape(name: str) -> str:
    """Return the attribute's name that `escape` was given."""
    return name[1:] if name[:1] == "~" else name


def path(attribute: str) -> str:
    """Return the path of an attribute's field, as queries and indexes name it.

    https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.StructuredQuery.FieldReference
    """
    name = escape(attribute)
    if name.isascii() and name.isidentifier():
        return name
    quoted = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{quoted}`"


def fields(
    table: Keyed, item: Item, *, envelope: Mapping[str, str] | None = None, is_dense: bool = False
) -> dict[str, Any]:
    """Return the fields of a checked item's document, ours among them, as `document_values.write` takes them.

    `is_dense` packs all that can be, which saves bytes where a document or a request would have too many.
    """
    packed: Item = {}
    made: dict[str, Any] = {}
    keep = _kept(table)
    for name, value in item.items():
        if name in keep:
            made[escape(name)] = indexed(value)
            if made[escape(name)] is not value:
                packed[name] = value
        elif is_dense or not fits(name, value):
            packed[name] = value
        else:
            made[escape(name)] = _escaped(value)
    return {**made, **_own(table, packed, envelope)}


def item(stored: Mapping[str, Any]) -> tuple[Item, dict[str, Any]]:
    """Return the item of a document, given its fields as `document_values.read` has them, and our own fields."""
    ours: dict[str, Any] = {}
    attributes: Item = {}
    for name, value in stored.items():
        if name[:1] == "_":
            ours[name] = value
        else:
            attributes[unescape(name)] = value
    packed = ours.get(PACKED)
    if type(packed) is bytes:
        attributes |= unpack(packed)
    return attributes, ours


def nested(stored: dict[str, Any]) -> Any:
    """Return the value that a nested map of a document stands for: a map, or what `_list` wraps."""
    for name in stored:
        if name[:1] in ("_", "~"):
            break
    else:
        return stored
    wrapped: Any = stored.get(LIST)
    if wrapped.__class__ is list and len(stored) == 1:
        return wrapped
    return {unescape(name): value for name, value in stored.items()}


def indexed(value: Any) -> Any:
    """Return a partition's value as an index can hold it: itself, or a map of its digest where it is too long."""
    kind: type = value.__class__
    if kind not in (str, bytes) or len(value) * (4 if kind is str else 1) <= INDEXED_LIMIT:
        return value
    data = value.encode() if kind is str else value
    if len(data) <= INDEXED_LIMIT:
        return value
    from hashlib import sha256

    return {DIGEST: sha256(kind.__name__.encode() + b" " + data).digest()}


def fits(name: str, value: Any) -> bool:
    """Say whether an attribute can be a field: neither its names nor its nesting are beyond what Firestore takes."""
    if len(name) >= NAME_LIMIT // 4 and len(escape(name).encode()) > NAME_LIMIT:
        return False
    return type(value) not in (list, dict) or _nests_within(value, DEPTH_LIMIT)


def is_crowded(item: Item, taken: int) -> bool:
    """Say whether an item of that many bytes on the way would be more than a document may be, were it not packed."""
    return taken > SAFE_BYTES and size(item) > SIZE_LIMIT


def size(item: Item) -> int:
    """Return the bytes that an item counts for as a document, and takes on the way, at most.

    https://cloud.google.com/firestore/docs/storage-size
    """
    return _map_size(item)


def pack(attributes: Item) -> bytes:
    """Return attributes as one value."""
    import zlib

    return zlib.compress(dumps(attributes).encode(), 1)


def unpack(data: bytes) -> Item:
    """Return the attributes that `pack` was given; `ValueError` for anything else."""
    import zlib

    try:
        attributes: Item = loads(zlib.decompress(data).decode())
    except zlib.error as error:
        raise ValueError(f"{PACKED} holds what Isthmus has not packed: {error}") from None
    return attributes


def dumps(value: Any) -> str:
    """Return a value as JSON; bytes are a map of `_bytes`, which no map of a user's can be."""
    return _JSON.encode(_plain(value))


def loads(text: str | bytes) -> Any:
    """Return the value that `dumps` was given."""
    return json.loads(text, object_hook=_restored)


def _kept(table: Keyed) -> set[str]:
    """Return the attributes that must be fields: those of keys and indexes, which are short enough for it."""
    return {field for index in (table.primary_index, *table.global_indexes.values()) for field in names(index)}


def _own(table: Keyed, packed: Item, envelope: Mapping[str, str] | None) -> dict[str, Any]:
    ours: dict[str, Any] = {KEY: list(names(table.primary_index))}
    if packed:
        ours[PACKED] = pack(packed)
    if envelope:
        ours[ENVELOPE] = dict(envelope)
    return ours


def _escaped(value: Any) -> Any:
    """Return a value as a field has it."""
    kind = value.__class__
    if kind is dict:
        return {escape(name): _escaped(entry) for name, entry in value.items()}
    if kind is list:
        return [{LIST: _escaped(entry)} if entry.__class__ is list else _escaped(entry) for entry in value]
    return value


def _nests_within(value: Any, most: int) -> bool:
    """Say whether a list or map, with the maps that wrap lists, is no deeper than `most`, and its names fit."""
    if value.__class__ is dict:
        return most > 0 and _names_fit(value) and _all_nest(value.values(), most - 1)
    if value.__class__ is list:
        return most > 0 and all(
            _nests_within(entry, most - 2 if entry.__class__ is list else most - 1) for entry in _containers(value)
        )
    return True


def _all_nest(entries: Iterable[Any], most: int) -> bool:
    return all(_nests_within(entry, most) for entry in _containers(entries))


def _containers(entries: Iterable[Any]) -> Iterable[Any]:
    return [entry for entry in entries if entry.__class__ in (list, dict)]


def _names_fit(members: Iterable[str]) -> bool:
    return all(len(name) < NAME_LIMIT // 4 or len(escape(name).encode()) <= NAME_LIMIT for name in members)


def _size(value: Any) -> int:
    kind = value.__class__
    if kind is str or kind is bytes:
        return _FRAME + (len(value) if kind is bytes or value.isascii() else len(value.encode()))
    if kind is dict:
        return _FRAME + _map_size(value)
    return _FRAME + sum(map(_entry_size, value)) if kind is list else _NUMBER


def _map_size(members: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + _FRAME + _size(value) for name, value in members.items())


def _entry_size(value: Any) -> int:
    return _size(value) + (len(LIST) + 2 * _FRAME if value.__class__ is list else 0)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, but for bytes."""
    kind = value.__class__
    if kind is dict:
        return {escape(name): _plain(entry) for name, entry in value.items()}
    if kind is list:
        return [_plain(entry) for entry in value]
    return value or 0 if kind is float else value  # -0.0 is kept as 0


def _tagged(value: bytes) -> dict[str, str]:
    from binascii import b2a_base64

    return {BYTES: b2a_base64(value, newline=False).decode()}


def _restored(members: dict[str, Any]) -> Any:
    if BYTES in members:
        from binascii import a2b_base64

        return a2b_base64(members[BYTES])
    return {unescape(name): value for name, value in members.items()}


_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_tagged)
