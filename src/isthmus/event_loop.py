"""The event loop that runs `async def` handlers: one for each thread, kept, so that connections stay open."""

from __future__ import annotations

import os
import threading

from isthmus._typing import Any, Awaitable, NoReturn

_PATIENCE = 0.05  # seconds for a coroutine to take its cancellation


class _Kept:
    """A thread's loop; it is closed when its thread ends."""

    __slots__ = ("loop", "process")

    def __init__(self) -> None:
        import asyncio

        self.loop = asyncio.new_event_loop()
        self.process = os.getpid()

    def __del__(self) -> None:
        if os.getpid() == self.process and not self.loop.is_running():
            self.loop.close()


class _Thread(threading.local):
    kept: _Kept | None = None


_thread = _Thread()
_inherited: list[_Kept] = []
"""Loops of a parent process: they share its selector, so closing one here would disturb the parent."""


def run(awaitable: Awaitable[Any]) -> Any:
    """Run `awaitable` to its end on this thread's event loop and return its result."""
    if _is_running():
        return _refuse(awaitable)
    return _loop().run_until_complete(awaitable)


def abandon() -> None:
    """Cancel what is left on this thread's loop, where something has interrupted `run` from outside."""
    kept = _thread.kept
    if kept is None or kept.loop.is_closed() or kept.loop.is_running():
        return
    import asyncio

    tasks = asyncio.all_tasks(kept.loop)
    for task in tasks:
        task.cancel()
    if tasks:
        kept.loop.run_until_complete(asyncio.wait(tasks, timeout=_PATIENCE))


def _is_running() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _loop() -> Any:
    kept = _thread.kept
    if kept is not None and kept.process != os.getpid():
        _inherited.append(kept)
        kept = None
    if kept is None or kept.loop.is_closed():
        kept = _thread.kept = _Kept()
    return kept.loop


def _refuse(awaitable: Any) -> NoReturn:
    close = getattr(awaitable, "close", None)
    if close is not None:
        close()
    raise RuntimeError("an async handler was called from a running event loop; call it from a thread of its own")
