"""What an instance remembers of events that will come again: a count for each, of the latest ones only."""

from __future__ import annotations

MOST = 10_000
"""So many events are remembered; the oldest is forgotten first."""


class Memory:
    """Counts by event. Another instance may get the event next, so a count is a lower bound."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def count(self, key: str) -> int:
        """Return the count of an event; 0 where nothing is remembered."""
        return self._counts.get(key, 0)

    def add(self, key: str) -> int:
        """Count an event once more, and return its count."""
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > MOST:
            del self._counts[next(iter(self._counts))]
        return count

    def forget(self, key: str) -> None:
        """Drop an event, which will not come again."""
        self._counts.pop(key, None)
