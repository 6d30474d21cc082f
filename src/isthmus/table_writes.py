"""The writes of a transaction: `Resource.Orders.transact([Put(order), Check(user_id, if_match={"open": True})])`.

Each means what the method of that name on a table means. `table` is another linked table (`table=Resource.Users`); None
is the table whose `transact` is called.
"""

from __future__ import annotations

from isthmus._typing import Any, Item, Key, Mapping, Sequence, Value
from isthmus.conditions import Condition


class Put:
    """Write the whole `item`: `if_absent`, only where none is; `if_match`, only where the stored one matches."""

    __slots__ = ("if_absent", "if_match", "item", "table")

    def __init__(
        self,
        item: Item,
        *,
        if_absent: bool = False,
        if_match: Mapping[str, Value | Condition] | None = None,
        table: Any = None,
    ) -> None:
        self.item = item
        self.if_absent = if_absent
        self.if_match = if_match
        self.table = table

    def __repr__(self) -> str:
        return f"<Put {', '.join(self.item)}>"


class Update:
    """Change some attributes of the item at `key`: `set` and `remove` them, `add` to numbers."""

    __slots__ = ("add", "if_exists", "if_match", "key", "remove", "set", "table")

    def __init__(
        self,
        key: Key,
        *,
        set: Item | None = None,
        add: Mapping[str, int | float] | None = None,
        remove: Sequence[str] = (),
        if_exists: bool = False,
        if_match: Mapping[str, Value | Condition] | None = None,
        table: Any = None,
    ) -> None:
        self.key = key
        self.set = set
        self.add = add
        self.remove = remove
        self.if_exists = if_exists
        self.if_match = if_match
        self.table = table

    def __repr__(self) -> str:
        return f"<Update {self.key!r}>"


class Delete:
    """Delete the item at `key`; with `if_match`, only where it matches."""

    __slots__ = ("if_match", "key", "table")

    def __init__(self, key: Key, *, if_match: Mapping[str, Value | Condition] | None = None, table: Any = None) -> None:
        self.key = key
        self.if_match = if_match
        self.table = table

    def __repr__(self) -> str:
        return f"<Delete {self.key!r}>"


class Check:
    """Write nothing, but let the transaction fail unless the item at `key` is there and matches `if_match`.

    With `if_absent`, unless there is no item.
    """

    __slots__ = ("if_absent", "if_match", "key", "table")

    def __init__(
        self,
        key: Key,
        *,
        if_match: Mapping[str, Value | Condition] | None = None,
        if_absent: bool = False,
        table: Any = None,
    ) -> None:
        self.key = key
        self.if_match = if_match
        self.if_absent = if_absent
        self.table = table

    def __repr__(self) -> str:
        return f"<Check {self.key!r}>"


Write = Put | Update | Delete | Check
"""Any write of a transaction."""
