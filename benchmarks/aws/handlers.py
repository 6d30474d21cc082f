"""The handlers of a batch that are measured, in a module that imports next to nothing."""

from __future__ import annotations

from isthmus.message import Message
from isthmus.table_change import TableChange


def consume(message: Message) -> None:
    """Handle the order in a message."""
    reserve(message.json())


def reserve(order: dict[str, object]) -> None:
    """Handle an order, by next to nothing."""
    if not order["quantity"]:
        raise ValueError("nothing is ordered")


def changed(change: TableChange) -> None:
    """Handle a change of an item by nothing."""
