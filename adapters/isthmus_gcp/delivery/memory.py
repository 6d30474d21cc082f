"""What an instance remembers of messages that will come again: a count for each, of the latest ones only."""

from __future__ import annotations

from _thread import allocate_lock

MOST = 10_000
"""So many messages are remembered; the oldest is forgotten first."""


class Memory:
    """Counts by message, for any number of threads. Another instance may get it next, so a count is a lower bound."""

    __slots__ = ("_counts", "_lock")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = allocate_lock()

    def count(self, key: str) -> int:
        """Return the count of a message; 0 where nothing is remembered."""
        return self._counts.get(key, 0)

    def add(self, key: str) -> None:
        """Count a message once more."""
        with self._lock:
            self._counts[key] = self._counts.pop(key, 0) + 1
            if len(self._counts) > MOST:
                del self._counts[next(iter(self._counts))]

    def forget(self, key: str) -> None:
        """Drop a message, which will not come again."""
        if key in self._counts:
            with self._lock:
                self._counts.pop(key, None)
