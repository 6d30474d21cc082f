"""How many index entries a document makes: https://cloud.google.com/firestore/quotas#indexes.

A field has an entry in each of its single-field indexes, an array one for each different element in that for
`array-contains`, a map those of its fields besides; a composite index has one for each combination.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from tests.emulators.gcp.firestore.fields import NAME, get, path_of, segments
from tests.emulators.gcp.firestore.indexes import CONTAINS, Index, Indexes
from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.names import collection_id
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import is_vector, key

LIMIT = 40_000


def check(document: Message, size: int, indexes: Indexes) -> None:
    """Refuse a document with more index entries than the cloud takes; `size` is its size in bytes."""
    if size * (6 + len(indexes.composites())) < LIMIT:
        return  # each value takes a byte at least, and has at most six single-field entries
    if count(document, indexes) > LIMIT:
        raise invalid(f"too many index entries for entity {document.name}")


def count(document: Message, indexes: Indexes) -> int:
    """Return how many index entries a document makes."""
    group = collection_id(document.name)
    single = sum(_single(group, indexes, (name,), value) for name, value in document.fields.items())
    composite = (_composite(document, index) for index in indexes.composites().values() if index.collection_id == group)
    return single + sum(composite)


def _single(group: str, indexes: Indexes, parts: tuple[str, ...], value: Message) -> int:
    modes = indexes.single(group, path_of(parts))
    ordered = len([mode for _, mode in modes if mode != CONTAINS])
    contained = (len(modes) - ordered) * _elements(value)
    return ordered + contained + sum(_single(group, indexes, (*parts, name), item) for name, item in _inner(value))


def _inner(value: Message) -> Iterable[tuple[str, Message]]:
    if value.WhichOneof("value_type") != "map_value" or is_vector(value):
        return ()
    items: Iterable[tuple[str, Message]] = value.map_value.fields.items()
    return items


def _elements(value: Message) -> int:
    if value.WhichOneof("value_type") != "array_value":
        return 0
    return len({key(item) for item in value.array_value.values})


def _composite(document: Message, index: Index) -> int:
    found = [(get(document.fields, segments(path)), mode) for path, mode in index.fields if path != NAME]
    return math.prod(0 if value is None else _elements(value) if mode == CONTAINS else 1 for value, mode in found)
