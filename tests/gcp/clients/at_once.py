"""Several threads that do the same at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(call: Callable[[int], T], count: int, *, threads: int = 8) -> list[T]:
    """Return what `call` returns for 0, 1, 2, … on so many threads."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, range(count)))
