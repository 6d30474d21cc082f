"""How long to wait before something is asked for once more."""

from __future__ import annotations

import time

_FIRST = 0.02
_MOST = 2.0


def pause(attempt: int) -> None:
    """Wait after the attempt of that number, from 0: at random, up to a time that doubles with each."""
    from random import uniform

    time.sleep(uniform(0, min(_MOST, _FIRST * 2**attempt)))
