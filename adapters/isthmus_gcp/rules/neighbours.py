"""Links to tables: IAM grants a whole Firestore database, so that a function reaches what lies beside its tables.

https://cloud.google.com/firestore/docs/security/iam
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.table import Table
from isthmus.wiring import grants
from isthmus_gcp.names import database_name


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the tables that lie in one database, where some function is linked to one of them and not to another."""
    by_database: dict[str, list[Table]] = {}
    for table in (resource for resource in draft.used if isinstance(resource, Table)):
        by_database.setdefault(database_name(draft.app, draft.target, table.name), []).append(table)
    for tables in by_database.values():
        if any(_reaches_others(function, tables) for function in draft.functions):
            names = ", ".join(table.name for table in tables)
            what = f"tables {names} share a database, and a link to one of them lets a function reach all by IAM"
            yield Problem(tables[0].where, f"{what}: isolated=True gives a table a database of its own")


def _reaches_others(function: Function, tables: list[Table]) -> bool:
    linked = {id(grant.resource) for grant in grants(function.link)} & {id(table) for table in tables}
    return 0 < len(linked) < len(tables)
