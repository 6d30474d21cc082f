"""How much an expression may take: no value of one grows without end, whatever it computes.

A state's data is at most 256 KiB; what an expression makes on its way may be more, within reason.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from isthmus.shapes import is_list, is_mapping

ENTRIES = 200_000
"""The most entries of an array: 256 KiB of JSON hold no more than 131,071."""

TEXT = 2_000_000
"""The most characters of a text."""

MADE = 50_000_000
"""The most entries and characters that one evaluation makes in all."""

WEIGHT = 5_000_000
"""The most entries and characters of one value with all that is within it, however often the same is in it."""

DEPTH = 400
"""How deep the evaluation of an expression may be: about 100 calls of a function by itself."""

NATIVE = 50
"""How deep functions that are built in may call each other: they take more of a thread's stack than any other call."""

SECONDS = 3.0
"""How long an expression may take."""


class TooMuchError(ValueError):
    """An expression took more than it may: what."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: that is more than an expression may take")


def check_size(value: Sized) -> int:
    """Return how long a value is; `TooMuchError` beyond the limit of its kind."""
    size = len(value)
    if size > (TEXT if isinstance(value, str) else ENTRIES):
        raise TooMuchError(f"{size:,} {'characters' if isinstance(value, str) else 'entries'}")
    return size


class Weights:
    """What values weigh, each counted as often as it is within another.

    A value may hold the same one twice, and that one another twice: a few bytes, until somebody writes it all down.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Any]] = {}

    def weigh(self, value: Any) -> int:
        """Return what a value weighs; `TooMuchError` where that is more than may be."""
        if isinstance(value, str):
            return len(value) + 1
        if not is_list(value) and not is_mapping(value):
            return 1
        known = self._known.get(id(value))
        if known:
            return known[0]
        weight = 1 + sum(map(self.weigh, value.values() if is_mapping(value) else value))
        if weight > WEIGHT:
            raise TooMuchError("a value with all that is in it")
        self._known[id(value)] = weight, value  # which is kept, so that no other value gets its id
        return weight
