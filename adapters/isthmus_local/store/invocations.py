"""Asynchronous invocations: each is a message in the internal queue of its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.function import Function
from isthmus_local.store.database import Transaction
from isthmus_local.store.queues import internal_queue, send

SOURCE = "invoke"
"""What stands in for a source in the name of the internal queue: `invoke>Resize`."""


def start(tx: Transaction, function: Function, payload: bytes, envelope: Mapping[str, str], delay: float) -> str:
    """Store an invocation of `function` with the JSON `payload`, to begin after `delay` seconds; returns its id."""
    return send(tx, internal_queue(SOURCE, function.name), payload, envelope, delay=delay)


OPERATIONS: Mapping[str, tuple[str, str, Callable[..., Any]]] = {"function.start": ("function", "invoke", start)}
"""What a handler may ask of a function besides its result: the kind, the verb, and the function."""
