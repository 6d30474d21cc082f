"""Instances that are held: late handlers have all of their threads, and no thread can be stopped from outside."""

from __future__ import annotations

import os

from isthmus._typing import NoReturn

THREADS = "THREADS"
"""The variable that says how many requests the functions framework handles at once."""

_ENDED = 1
"""The exit code of a worker after which gunicorn starts the next one."""


def threads() -> int:
    """Return how many requests this process handles at once; 0 where nobody has said."""
    try:
        return int(os.environ.get(THREADS, "0"))
    except ValueError:
        return 0


def end_process(threads: int) -> NoReturn:
    """End this process, whose `threads` are held: gunicorn waits for them if it is asked to."""
    import logging

    logging.getLogger("isthmus").error(
        "all %d threads are held by handlers that took longer than their time: the process ends", threads
    )
    logging.shutdown()
    os._exit(_ENDED)
