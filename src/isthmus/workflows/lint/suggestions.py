"""What somebody meant who mistyped a name."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

LONGEST = 100
"""Longer words are compared with nothing: the time that it takes grows with the product of the lengths."""

BUDGET = 200_000
"""So many names are compared for one document at most: a large one full of mistakes gets fewer suggestions."""


class Suggestions:
    """Finds the nearest of some names, within a budget for one document."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = BUDGET

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """Return the one of `known` that is nearest to `word`; None where none is near."""
        if len(word) > LONGEST or len(known) > self._left:
            return None
        self._left -= len(known)
        close = get_close_matches(word, [name for name in known if len(name) <= LONGEST], n=1)
        return close[0] if close else None
