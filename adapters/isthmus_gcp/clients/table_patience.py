"""How long a request is made again: while others are in the way, until a deadline; else a few times."""

from __future__ import annotations

import time

CONTENTION_SECONDS = 30.0
"""How long a write is tried again that loses against others."""

ATTEMPTS = 5
"""How often a request is made that fails for another reason that passes."""

_FIRST = 0.01
_MOST = 1.0


class Patience:
    """That of one call: how often it has waited, and until when it goes on."""

    __slots__ = ("_deadline", "_faults", "_waits")

    def __init__(self) -> None:
        self._deadline = time.monotonic() + CONTENTION_SECONDS
        self._faults = 0
        self._waits = 0

    def wait(self, *, contended: bool) -> bool:
        """Wait at random, up to a time that doubles with each; False, at once, where it is to be given up."""
        from random import uniform

        self._waits += 1
        self._faults += not contended
        if time.monotonic() >= self._deadline or self._faults >= ATTEMPTS:
            return False
        time.sleep(uniform(0, min(_MOST, _FIRST * 2 ** min(self._waits, 10))))
        return True
