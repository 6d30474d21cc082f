"""Tables: how many indexes a Firestore database takes, and how fields and collections are named.

https://cloud.google.com/firestore/quotas#indexes
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.table import Table
from isthmus.shapes import shown
from isthmus_gcp.names import database_name
from isthmus_gcp.table_indexes import indexes_of

MOST = 1000
WITHOUT_BILLING = 200
MOST_FIELDS = 500
"""Fields of a database with a configuration: https://cloud.google.com/firestore/native/docs/ttl#limits_and_constraints."""

_MOST_BYTES = 1500
_RESERVED = re.compile(r"__.*__")


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the tables that Firestore would refuse."""
    for table in draft.of(Table):
        for fault in (*_name_faults(table), *_field_faults(table)):
            yield Problem(table.where, f"{label(table)}: {fault}")
    for tables in _databases(draft):
        for fault in _database_faults(tables):
            yield Problem(tables[-1].where, f"{fault}, or give a table a database of its own (isolated=True)")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the databases with more indexes than a project without billing may have."""
    for tables in _databases(draft):
        if WITHOUT_BILLING < _composites(tables) <= MOST:
            most = f"a project without billing takes {WITHOUT_BILLING}"
            yield Problem(tables[-1].where, f"{_many_composites(tables)}: {most}")


def _databases(draft: Draft) -> Iterator[list[Table]]:
    by_database: dict[str, list[Table]] = {}
    for table in draft.of(Table):
        by_database.setdefault(database_name(draft.app, draft.target, table.name), []).append(table)
    yield from by_database.values()


def _database_faults(tables: list[Table]) -> Iterator[str]:
    if _composites(tables) > MOST:
        yield f"{_many_composites(tables)}, and Firestore takes {MOST:,}: let one index serve several queries"
    configured = sum(len(needed.single) + bool(needed.ttl) for needed in map(indexes_of, tables))
    if configured > MOST_FIELDS:
        each = "one for each table, for its ttl, and for an index without a sort field"
        many = f"their database has {configured:,} configured fields, {each}"
        yield f"{_names(tables)}: {many}, and Firestore takes {MOST_FIELDS:,}: leave some out"


def _composites(tables: list[Table]) -> int:
    return sum(len(indexes_of(table).composite) for table in tables)


def _many_composites(tables: list[Table]) -> str:
    many = f"{_composites(tables):,} composite indexes, two for each index with a sort field"
    return f"{_names(tables)}: their database has {many}"


def _names(tables: list[Table]) -> str:
    return ", ".join(table.name for table in tables)


def _name_faults(table: Table) -> Iterator[str]:
    """https://cloud.google.com/firestore/quotas#collections_documents_and_fields"""
    if _RESERVED.fullmatch(table.name):
        yield "Firestore keeps such names of collections for itself: name it otherwise"


def _field_faults(table: Table) -> Iterator[str]:
    for field in {*table.fields, table.ttl or ""}:
        if len(field.encode("utf-8", "replace")) > _MOST_BYTES:
            yield f"field {shown(field)} is longer than the {_MOST_BYTES:,} bytes that Firestore takes of a name"
