"""Names: what the adapter makes beside what is declared, and what must not be named so."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.table import Table
from isthmus.shapes import is_text, shown

_OWN = ("tables", "sent")
"""The names that the app's own databases are made of."""


_NOT_IN_BUCKETS = ("google", "g00gle")
"""https://cloud.google.com/storage/docs/buckets#naming"""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the isolated tables whose database would be one of the app's, and an app whose code has no bucket."""
    name = draft.app.name
    if is_text(name) and any(word in name.lower() for word in _NOT_IN_BUCKETS):
        what = "the bucket of its code would be named after it, and no bucket's name may hold google"
        yield Problem(draft.app.where, f"the app {shown(name)}: {what}: name it otherwise")
    for table in draft.of(Table):
        if table.isolated and table.name in _OWN:
            what = "the database of that name is the app's own, so that it would not be alone in it"
            yield Problem(table.where, f"{label(table)}: {what}: name it {table.name.capitalize()!r}")
