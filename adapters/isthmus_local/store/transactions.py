"""Transactions: several writes to one or more tables, all or none.

A write travels as a tuple: its verb, the name of its table, and the arguments of the verb's function in `tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus import values
from isthmus.declarations.table import Table
from isthmus.errors import ConditionFailedError, InvalidValueError, TooLargeError
from isthmus_local.store import keys, tables
from isthmus_local.store.database import Transaction
from isthmus_local.store.indexes import Lag, prompt

Step: TypeAlias = tuple[Any, ...]
"""A write as it travels."""

WRITE_LIMIT = 100
"""The most writes of one transaction."""

SIZE_LIMIT = 4 * 1024 * 1024
"""The most bytes of the items that one transaction writes."""


def transact(tx: Transaction, table: Table, steps: Sequence[Step], *, lag: Lag = prompt) -> None:
    """Apply all steps or none; the table of a step is `table` or another of its app."""
    if len(steps) > WRITE_LIMIT:
        raise InvalidValueError(f"a transaction has at most {WRITE_LIMIT} writes, and this one has {len(steps)}")
    targets = [_named(table, step[1]) for step in steps]
    _check_distinct(targets, steps)
    size = 0
    for number, (target, step) in enumerate(zip(targets, steps, strict=True), 1):
        try:
            size += _apply(tx, target, step, lag)
        except ConditionFailedError as error:
            raise ConditionFailedError(f"write {number} of {len(steps)}: {error}") from None
    if size > SIZE_LIMIT:
        raise TooLargeError("the transaction", size, SIZE_LIMIT)


def tables_of(steps: Sequence[Step]) -> set[str]:
    """Return the names of the tables that a transaction writes to: each must be linked for writing."""
    return {step[1] for step in steps}


def _named(table: Table, name: str) -> Table:
    if name == table.name:
        return table
    for resource in table.app.resources:
        if isinstance(resource, Table) and resource.name == name:
            return resource
    raise InvalidValueError(f"no table is named {name!r}")


def _check_distinct(targets: Sequence[Table], steps: Sequence[Step]) -> None:
    seen: set[tuple[str, keys.Address]] = set()
    for target, (verb, name, subject, *_) in zip(targets, steps, strict=True):
        address = keys.of_item(target, subject) if verb == "put" else keys.of_key(target, subject)
        if (name, address) in seen:
            raise InvalidValueError(f"table {name!r}: a transaction has at most one write for each item")
        seen.add((name, address))


def _apply(tx: Transaction, table: Table, step: Step, lag: Lag) -> int:
    """Apply one step and return the bytes that it writes."""
    verb, _, subject, *args = step
    result = _VERBS[verb](tx, table, subject, *args, lag=lag)
    if verb == "put":
        return values.check(subject)
    return values.check(result) if verb == "update" else 0


_VERBS: Mapping[str, Callable[..., Any]] = {
    "put": tables.put,
    "update": tables.update,
    "delete": tables.delete,
    "check": tables.check,
}
