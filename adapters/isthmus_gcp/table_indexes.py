"""Which indexes of Firestore a declared table needs, as plain data: what deploys them and what tests them reads it.

No field is indexed by itself (`EXEMPT`), so that no item has more index entries than the 40,000 that a document may
have; what queries need is indexed by name. https://cloud.google.com/firestore/docs/query-data/indexing
"""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.declarations.table import Table
from isthmus.table_keys import names
from isthmus_gcp import documents

ASCENDING = "ASCENDING"
DESCENDING = "DESCENDING"

EXEMPT = "*"
"""The field path that stands for all fields which have no configuration of their own."""

TTL_FIELD = documents.TTL
"""The field that a policy of time to live is for, where the table has one."""


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """An index over several fields, each a path with its order; Firestore adds the document's name by itself."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SingleFieldIndex:
    """The configuration of one field: the orders that it is indexed in by itself; none for an exemption."""

    field: str
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableIndexes:
    """All that one collection needs; `ttl` is the field of its time-to-live policy, None where it has none."""

    composite: tuple[CompositeIndex, ...]
    single: tuple[SingleFieldIndex, ...]
    ttl: str | None


def indexes_of(table: Table) -> TableIndexes:
    """Return the indexes of a declared table's collection, each once.

    A table without a sort field is queried by its documents' names; a global index without one has no order either, so
    that one direction is enough.
    """
    own = names(table.primary_index)
    needed: list[tuple[str, ...]] = [own] if len(own) > 1 else []
    different = dict.fromkeys([*needed, *map(names, table.global_indexes.values())])
    composite = [_composite(fields, order) for fields in different if len(fields) > 1 for order in _ORDERS]
    single = [SingleFieldIndex(documents.path(fields[0]), (ASCENDING,)) for fields in different if len(fields) == 1]
    return TableIndexes(tuple(composite), (SingleFieldIndex(EXEMPT), *single), TTL_FIELD if table.ttl else None)


def _composite(fields: tuple[str, ...], order: str) -> CompositeIndex:
    partition, sort = map(documents.path, fields)
    return CompositeIndex(((partition, ASCENDING), (sort, order)))


_ORDERS = (ASCENDING, DESCENDING)
