"""Tables: how many indexes DynamoDB takes, and how they and fields are named.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.table import Table
from isthmus.shapes import shown
from isthmus_aws.wire import ENVELOPE

_MOST_INDEXES = 20
_MOST_BYTES = 255
_INDEX = re.compile(r"[A-Za-z0-9_.-]{3,255}")


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the indexes and fields that DynamoDB would refuse."""
    for table in draft.of(Table):
        for fault in (*_index_faults(table), *_field_faults(table)):
            yield Problem(table.where, f"{label(table)}: {fault}")


def _index_faults(table: Table) -> Iterator[str]:
    if len(table.global_indexes) > _MOST_INDEXES:
        yield (
            f"DynamoDB takes {_MOST_INDEXES} global indexes, not {len(table.global_indexes)}: "
            "let one serve several queries, by a field that holds what they ask for"
        )
    for name in table.global_indexes:
        if not _INDEX.fullmatch(name):
            letters = "letters, digits, _, - and dots, 3 to 255 of them"
            yield f"DynamoDB names no index {shown(name)}: {letters}, such as 'byUser'"


def _field_faults(table: Table) -> Iterator[str]:
    for field in {*table.fields, table.ttl or ""}:
        if len(field.encode("utf-8", "replace")) > _MOST_BYTES:
            yield f"field {shown(field)} is longer than the {_MOST_BYTES} bytes that DynamoDB takes of a key's name"
        if field == ENVELOPE:
            yield f"field {field!r} is where the trace of a write is kept: name it otherwise"
