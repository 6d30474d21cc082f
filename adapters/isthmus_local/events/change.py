"""Changes of a table's rows."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.table_change import TableChange


class ChangeCodec:
    """A record whose body is `{kind, table, key, old, new, version, at, expired}` becomes a `TableChange`."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> TableChange:
        """Return the change of a record."""
        from isthmus_local.store import items

        change = items.decode(raw[1].decode())
        return TableChange(
            change["kind"],
            table=change["table"],
            key=change["key"],
            old=change["old"],
            new=change["new"],
            version=f"{change['version']:020d}",
            at=change["at"],
            expired=change["expired"],
            attempt=raw[3],
            id=raw[0],
            raw=raw,
        )

    def encode(self, result: Any, /) -> None:
        """A change has no answer."""
        return
