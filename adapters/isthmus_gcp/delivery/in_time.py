"""Work that is waited for only so long."""

from __future__ import annotations

import threading
from _thread import allocate_lock
from contextvars import copy_context
from functools import partial

from isthmus._typing import Any, Callable
from isthmus_gcp.held import end_process

LATE = object()
"""What stands for the result of work that took too long."""

GRACE = 5.0
"""Seconds in which late work may still come to its end, and answers are sent, before an instance that is held ends."""


class InTime:
    """Does work on a thread beside each thread that asks for it.

    No thread can be stopped from outside, so the one that waits must be another one than the one that works. Work that
    is given up goes on and is forgotten: https://cloud.google.com/run/docs/configuring/request-timeout says the same of
    a request that Cloud Run gives up. Where it goes on beside all of the `threads` that serve, the process ends, and
    gunicorn starts the next: a handler that waits for ever may hold what every other one needs.
    """

    __slots__ = ("_beside", "_late", "_lock", "_threads")

    def __init__(self, threads: int = 0) -> None:
        self._beside = threading.local()
        self._late: list[threading.Thread] = []
        self._lock = allocate_lock()
        self._threads = threads

    def run(self, work: Callable[[], Any], seconds: float) -> Any:
        """Return what `work` returns, or raise what it raises; `LATE` where it takes longer than `seconds`.

        It sees the context variables of the thread that waits.
        """
        worker: _Worker | None = getattr(self._beside, "worker", None)
        if worker is None:
            worker = self._beside.worker = _Worker()
        if not worker.do(partial(copy_context().run, work), seconds):
            del self._beside.worker
            self._give_up(worker.thread)
            return LATE
        return worker.result()

    def _give_up(self, late: threading.Thread) -> None:
        with self._lock:
            self._late.append(late)
        if self._is_held:
            ending = threading.Timer(GRACE, self._end_if_held)
            ending.daemon = True
            ending.start()

    @property
    def _is_held(self) -> bool:
        with self._lock:
            self._late = [thread for thread in self._late if thread.is_alive()]
            return 0 < self._threads <= len(self._late)

    def _end_if_held(self) -> None:
        if self._is_held:
            end_process(self._threads)


class _Worker:
    """A thread that does one piece of work after another, as long as the thread that gives it is alive."""

    __slots__ = ("_inside", "thread")

    def __init__(self) -> None:
        self._inside = _Inside()
        self.thread = threading.Thread(target=self._inside.serve, name="isthmus-event", daemon=True)
        self.thread.start()

    def do(self, work: Callable[[], Any], seconds: float) -> bool:
        """Let it do the work, and tell whether that was done in time; if not, the thread ends with it."""
        inside = self._inside
        inside.work = work
        inside.given.release()
        if inside.done.acquire(timeout=min(max(seconds, 0), threading.TIMEOUT_MAX)):
            return True
        inside.end()
        return False

    def result(self) -> Any:
        """Return what the last work returned, or raise what it raised."""
        inside = self._inside
        result, error = inside.result, inside.error
        inside.result = inside.error = None
        if error is not None:
            raise error
        return result

    def __del__(self) -> None:
        self._inside.end()


class _Inside:
    """What a worker's two threads share."""

    __slots__ = ("done", "error", "given", "is_over", "result", "work")

    def __init__(self) -> None:
        self.given = allocate_lock()
        self.given.acquire()
        self.done = allocate_lock()
        self.done.acquire()
        self.is_over = False
        self.work: Any = None
        self.result: Any = None
        self.error: BaseException | None = None

    def serve(self) -> None:
        """Do what is given, until it is over."""
        while True:
            self.given.acquire()
            if self.is_over:
                return
            try:
                self.result = self.work()
            except BaseException as error:  # whoever waits for it raises it
                self.error = error
            self.work = None
            self.done.release()

    def end(self) -> None:
        """Let the thread end, after the work that it is at; what it has not begun is not done at all."""
        if not self.is_over:
            self.is_over = True
            if self.given.locked():  # otherwise it has not even seen what it was given last
                self.given.release()
