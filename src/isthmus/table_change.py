"""A change of one row of a table, as the table's stream delivers it to a handler."""

from __future__ import annotations

from isthmus._typing import Any, Item, Literal


class TableChange:
    """One row was inserted, modified or removed: `old` and `new` are its images, None where there was no row.

    `key` holds the key attributes; `version` is text that sorts after that of each earlier change of this row, so that
    a stale change can be told; `at` is seconds since the epoch; `expired` says that the row's time to live removed it,
    not a caller.
    """

    __slots__ = ("at", "attempt", "expired", "id", "key", "kind", "new", "old", "raw", "table", "version")

    def __init__(
        self,
        kind: Literal["INSERT", "MODIFY", "REMOVE"],
        *,
        table: str,
        key: Item,
        old: Item | None = None,
        new: Item | None = None,
        version: str = "",
        at: float = 0.0,
        expired: bool = False,
        attempt: int = 1,
        id: str = "",
        raw: Any = None,
    ) -> None:
        self.kind = kind
        self.table = table
        self.key = key
        self.old = old
        self.new = new
        self.version = version
        self.at = at
        self.expired = expired
        self.attempt = attempt
        self.id = id
        self.raw = raw

    def __repr__(self) -> str:
        return f"<TableChange {self.kind} {self.table} {self.key!r} version {self.version}>"
