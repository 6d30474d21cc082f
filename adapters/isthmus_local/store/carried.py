"""What rides with a write, so that the events it causes carry it on: the correlation id and the trace context."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from isthmus_local.store.database import Transaction


def carrying(write: Callable[..., Any]) -> Callable[..., Any]:
    """Return `write` with one argument more at the end, the envelope, which is the transaction's while it runs."""

    @wraps(write)
    def run(tx: Transaction, resource: Any, *args: Any, **options: Any) -> Any:
        *rest, tx.envelope = args
        try:
            return write(tx, resource, *rest, **options)
        finally:
            tx.envelope = {}

    return run
