"""Handlers that are not safe for threads."""

from __future__ import annotations

from _thread import allocate_lock

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.serve import Handle


def one_at_a_time(handler: Handle) -> Handle:
    """Return a handler of which one invocation at a time runs in this instance.

    The others wait; whose time is over before its turn does not run at all, since it has been given up already.
    """
    lock = allocate_lock()

    def serial(event: Any, context: Context) -> Any:
        with lock:
            if context.remaining() <= 0:
                raise TimeoutError("the time was over before the turn came")
            return handler(event, context)

    return serial
