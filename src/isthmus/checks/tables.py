"""Tables: every index is made of declared fields of a type that can be a key."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.table import Index, Table
from isthmus.shapes import shown

FIELD_TYPES = ("string", "number", "binary")
"""What the field of a key may be."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the fields and indexes that cannot be."""
    for table in draft.of(Table):
        for fault in _faults(table):
            yield Problem(table.where, f"{label(table)}: {fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the fields that no index uses."""
    for table in draft.of(Table):
        used = {field for _, index in _indexes(table) for field in _parts(index)} | {table.ttl}
        for field in table.fields:
            if field not in used:
                yield Problem(table.where, f"{label(table)}: no index uses field {field!r}, so that it may be left out")


def _faults(table: Table) -> Iterator[str]:
    for field, kind in table.fields.items():
        if kind not in FIELD_TYPES:
            yield f"field {field!r} cannot be of type {shown(kind)}: {did_you_mean(kind, FIELD_TYPES)}"
        if not field:
            yield "a field has an empty name"
    for what, index in _indexes(table):
        yield from _index_faults(table, what, index)
    if table.ttl is not None:
        yield from _ttl_faults(table, table.ttl)


def _indexes(table: Table) -> Iterator[tuple[str, Index]]:
    if table.primary_index:  # empty where it was of a wrong type, which is another check's
        yield "primary_index", table.primary_index
    for name, index in table.global_indexes.items():
        yield f"index {name!r}", index


def _parts(index: Index) -> tuple[str, ...]:
    return (index,) if isinstance(index, str) else tuple(index)


def _index_faults(table: Table, what: str, index: Index) -> Iterator[str]:
    parts = _parts(index)
    for field in parts:
        if field not in table.fields:
            yield f"{what}: there is no field {field!r} in fields={{…}}: {did_you_mean(field, table.fields)}"
    if len(set(parts)) < len(parts):
        yield f"{what}: {parts[0]!r} cannot be both the partition and the sort field"


def _ttl_faults(table: Table, ttl: str) -> Iterator[str]:
    if not ttl:
        yield "ttl is empty: name the field that holds the second at which an item expires, or leave it out"
    elif table.fields.get(ttl, "number") != "number":
        yield f"ttl: field {ttl!r} holds seconds since the epoch, so it must be a number, not a {table.fields[ttl]}"
    elif table.primary_index and ttl in _parts(table.primary_index):
        yield f"ttl: {ttl!r} is part of the key, which never changes; use a field of its own"
