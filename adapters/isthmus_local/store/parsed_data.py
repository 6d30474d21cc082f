"""Data of frames that was parsed, or written, not long ago: so that a large input is not parsed at every step."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

MOST_TEXT = 1024 * 1024
"""How many characters of JSON are kept parsed at most, all in all: a few states of the greatest size."""

MOST = 2_000
"""How much is kept at most."""


class ParsedData:
    """Values by a key and a revision; the one that was not asked for longest goes first."""

    def __init__(self, *, text: int = MOST_TEXT, count: int = MOST) -> None:
        self._text = text
        self._count = count
        self._size = 0
        self._kept: OrderedDict[Any, tuple[int, int, Any]] = OrderedDict()

    def get(self, key: Any, revision: int) -> Any:
        """Return what was kept under a key at this very revision; None where it was not."""
        found = self._kept.get(key)
        if found is None or found[0] != revision:
            return None
        self._kept.move_to_end(key)
        return found[2]

    def keep(self, key: Any, revision: int, size: int, value: Any) -> None:
        """Keep a value, which is `size` characters as text."""
        self.drop(key)
        if size > self._text:
            return
        self._kept[key] = (revision, size, value)
        self._size += size
        while self._size > self._text or len(self._kept) > self._count:
            self._size -= self._kept.popitem(last=False)[1][1]

    def drop(self, key: Any) -> None:
        """Forget what is kept under a key."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._size -= found[1]
