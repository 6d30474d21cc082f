"""The indexes of a database: those that are there by themselves, those that were created, and what was exempted.

https://cloud.google.com/firestore/docs/query-data/index-overview and, for the definitions (where `__name__` ends an
index in the direction of the last field), https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.admin.v1
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.emulators.gcp.firestore.fields import NAME, path_of, segments
from tests.emulators.gcp.firestore.refusals import exists, invalid, not_found, precondition

ASCENDING = "ASCENDING"
DESCENDING = "DESCENDING"
CONTAINS = "CONTAINS"
MODES = (ASCENDING, DESCENDING, CONTAINS)

COLLECTION = "COLLECTION"
COLLECTION_GROUP = "COLLECTION_GROUP"
SCOPES = (COLLECTION, COLLECTION_GROUP)

ALL_FIELDS = "*"
ALL_COLLECTIONS = "__default__"

Mode = tuple[str, str]
"""The scope and the mode of a single-field index."""

IndexField = tuple[str, str]
"""A field path and the mode in which a composite index has it."""

AUTOMATIC: frozenset[Mode] = frozenset((COLLECTION, mode) for mode in MODES)
"""What every field has unless a configuration says otherwise; never anything for collection groups."""


@dataclass(frozen=True, slots=True)
class Index:
    """A composite index."""

    collection_id: str
    scope: str
    fields: tuple[IndexField, ...]


@dataclass(frozen=True, slots=True)
class FieldConfiguration:
    """What was configured for a field: its single-field indexes (`None`: those it inherits) and its time to live."""

    single: frozenset[Mode] | None = None
    ttl: bool = False
    ttl_offset: float = 0


class Indexes:
    """The indexes and field configurations of one database."""

    def __init__(self) -> None:
        self._composites: dict[str, Index] = {}
        self._fields: dict[tuple[str, str], FieldConfiguration] = {}
        self._single: dict[tuple[str, str], frozenset[Mode]] = {}
        self._numbers = itertools.count(1)

    def create(self, collection_id: str, scope: str, fields: Sequence[IndexField]) -> str:
        """Create a composite index and return its id."""
        index = Index(collection_id, scope, _complete(fields))
        _check(index)
        if index in self._composites.values():
            raise exists("index already exists")
        identity = f"index-{next(self._numbers)}"
        self._composites[identity] = index
        return identity

    def delete(self, identity: str) -> None:
        """Delete a composite index."""
        if self._composites.pop(identity, None) is None:
            raise not_found(f"There is no index {identity}.")

    def composites(self) -> Mapping[str, Index]:
        """Return all composite indexes by their ids."""
        return self._composites

    def composites_of(self, collection_id: str, scope: str) -> list[Index]:
        """Return the composite indexes that can serve a collection's queries in one scope."""
        found = self._composites.values()
        return [index for index in found if index.collection_id == collection_id and index.scope == scope]

    def configure(self, collection_id: str, path: str, configuration: FieldConfiguration) -> None:
        """Set the configuration of a field; the path `*` stands for all fields of a collection group."""
        place = (collection_id, _canonical(path))
        if configuration.ttl and any(other[0] == collection_id and other != place for other in self._with_ttl()):
            raise precondition(f'"{collection_id}" has a time-to-live field already.')
        self._fields[place] = configuration
        self._single.clear()

    def restore(self, collection_id: str, path: str) -> None:
        """Delete the configuration of a field: it inherits again."""
        self._fields.pop((collection_id, _canonical(path)), None)
        self._single.clear()

    def configurations(self) -> Mapping[tuple[str, str], FieldConfiguration]:
        """Return all configurations by collection id and path."""
        return self._fields

    def single(self, collection_id: str, path: str) -> frozenset[Mode]:
        """Return the single-field indexes that a field has."""
        place = (collection_id, path)
        if place not in self._single:
            self._single[place] = self._inherited(collection_id, path)
        return self._single[place]

    def _inherited(self, collection_id: str, path: str) -> frozenset[Mode]:
        for place in _ancestry(collection_id, path):
            configuration = self._fields.get(place)
            if configuration is not None and configuration.single is not None:
                return configuration.single
        return AUTOMATIC

    def _with_ttl(self) -> list[tuple[str, str]]:
        return [place for place, configuration in self._fields.items() if configuration.ttl]


def _ancestry(collection_id: str, path: str) -> Iterable[tuple[str, str]]:
    """Yield where a field's configuration may stand: at it, the maps it is in, its collection group, the database."""
    parts = segments(path)
    for length in range(len(parts), 0, -1):
        yield collection_id, path_of(parts[:length])
    yield collection_id, ALL_FIELDS
    yield ALL_COLLECTIONS, ALL_FIELDS


def _canonical(path: str) -> str:
    return path if path == ALL_FIELDS else path_of(segments(path))


def _complete(fields: Sequence[IndexField]) -> tuple[IndexField, ...]:
    """Add the document's name where it is missing, in the direction of the last field, else ascending."""
    if not fields:
        raise invalid("An index needs fields.")
    named = tuple((path if path == NAME else _canonical(path), mode) for path, mode in fields)
    if named[-1][0] == NAME:
        return named
    return (*named, (NAME, DESCENDING if named[-1][1] == DESCENDING else ASCENDING))


def _check(index: Index) -> None:
    paths = [path for path, _ in index.fields]
    if index.scope not in SCOPES or any(mode not in MODES for _, mode in index.fields):
        raise invalid("An index has the scope COLLECTION or COLLECTION_GROUP, its fields a known mode.")
    if len(set(paths)) < len(paths) or NAME in paths[:-1]:
        raise invalid("An index has a field once, and the document's name at its end.")
    if len([mode for _, mode in index.fields if mode == CONTAINS]) > 1:
        raise invalid("An index has one array-contains field at most.")
    if len(index.fields) == 2 and index.fields[0][1] in {index.fields[1][1], CONTAINS}:
        raise invalid("this index is not necessary, configure using single field index controls")
