"""The database's time: microseconds since 1970 that never stand still, so no two commits have the same."""

from __future__ import annotations

import time

from tests.emulators.gcp.firestore.messages import Message, Timestamp


class Clock:
    """A clock that is read by one thread."""

    def __init__(self) -> None:
        self._last = 0

    def now(self) -> int:
        """Return the time, later than at any call before."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last


def timestamp(at: int) -> Message:
    """Return a time as the message of it."""
    return Timestamp(seconds=at // 1_000_000, nanos=at % 1_000_000 * 1000)


def microseconds(message: Message) -> int:
    """Return the time that a message names; what is finer than a microsecond is cut off."""
    return int(message.seconds) * 1_000_000 + int(message.nanos) // 1000
