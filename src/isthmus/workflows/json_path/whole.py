"""The whole data that a path is followed in, and how much work that has taken."""

from __future__ import annotations

from typing import Any

from isthmus.workflows.states_error import RUNTIME, StatesError

MOST_WORK = 2_000_000
"""How many values a path may go through and compare: a state's data have 262,144 bytes, but `..` and filters repeat."""


class Whole:
    """What "$" stands for within a filter, too; a path that goes through too many values fails."""

    __slots__ = ("_left", "data")

    def __init__(self, data: Any) -> None:
        self.data = data
        self._left = MOST_WORK

    def spend(self, work: int) -> None:
        """Take account of some work; `StatesError` once it is too much."""
        self._left -= work
        if self._left < 0:
            raise StatesError(RUNTIME, f"a path goes through more than {MOST_WORK:,} values")
