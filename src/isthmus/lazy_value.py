"""Clients and pools, made when a handler first needs them and kept for the life of the instance."""

from __future__ import annotations

import os
from _thread import RLock

from isthmus._typing import Any, Callable, Generic, TypeVar
from isthmus.parameters import is_async

T = TypeVar("T")


class Lazy(Generic[T]):
    """Call it for the object: the first call connects, later ones return the same; a connect that fails is tried again.

    Any number of threads may call at once, and one of them connects. A forked process connects for itself, and leaves
    what it inherited alone.
    """

    __slots__ = ("_connect", "_locks", "_values")

    def __init__(self, connect: Callable[[], T]) -> None:
        self._connect = connect
        # Keyed by process: after a fork neither the parent's socket nor a lock held at that moment is used.
        self._values: dict[int, T] = {}
        self._locks: dict[int, Any] = {}

    def __call__(self) -> T:
        """Return the object, made now if this is the first call."""
        try:
            return self._values[os.getpid()]
        except KeyError:
            return self._make(os.getpid())

    def reset(self) -> None:
        """Forget the object, so that the next call connects anew; closing the old one is up to whoever resets."""
        self._values.pop(os.getpid(), None)

    def _make(self, process: int) -> T:
        with self._locks.setdefault(process, RLock()):
            if process not in self._values:
                self._values[process] = _finished(self._connect())
            return self._values[process]


def _finished(value: Any) -> Any:
    if hasattr(value, "cr_await"):
        value.close()
        raise TypeError("lazy() got a function that returns a coroutine; write it as async def")
    return value


def _has_failed(task: Any) -> bool:
    """Tell whether `task` failed after its last waiter had given up: whoever waited has forgotten it otherwise."""
    return task.done() and (task.cancelled() or task.exception() is not None)


class AsyncLazy:
    """The same for an `async def`: await its call. Each event loop has its own, since a connection belongs to one."""

    __slots__ = ("_connect", "_tasks")

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._tasks: dict[tuple[int, Any], Any] = {}

    async def __call__(self) -> Any:
        """Return the object, made now if this is the first call on this event loop."""
        import asyncio

        key = (os.getpid(), asyncio.get_running_loop())
        task = self._tasks.get(key)
        if task is None or _has_failed(task):
            self._forget_closed_loops()
            task = self._tasks[key] = asyncio.create_task(self._connect())
        try:
            return await asyncio.shield(task)
        except BaseException:
            if task.done() and self._tasks.get(key) is task:
                del self._tasks[key]
            raise

    def reset(self) -> None:
        """Forget the objects of every event loop, so that the next call connects anew."""
        self._tasks.clear()

    def _forget_closed_loops(self) -> None:
        for key in [key for key in list(self._tasks) if key[1].is_closed()]:
            self._tasks.pop(key, None)


def lazy(connect: Callable[[], T]) -> Lazy[T]:
    """Return something to call for what `connect` makes, once for each instance: `pool = lazy(open_pool)`, `pool()`.

    Where `connect` is an `async def`, await the call: `await pool()`. Also a decorator.
    """
    if not is_async(connect):
        return Lazy(connect)
    untyped: Any = AsyncLazy(connect)
    made: Lazy[T] = untyped  # as with `connect` itself, its call returns a coroutine of the object
    return made
