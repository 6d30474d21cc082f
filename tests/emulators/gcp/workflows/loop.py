"""What runs the branches of an execution side by side, in one thread: each goes on until it waits."""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from tests.emulators.gcp.workflows.clock import Clock, Posted

T = TypeVar("T")
Resume = Callable[..., None]
"""Lets a branch go on with a value, or with an `error`; only its first call counts."""

Arrange = Callable[["Loop", Resume], None]


class Waiting(Generic[T]):
    """Something to await: `arrange` sees to it that the branch goes on."""

    def __init__(self, arrange: Arrange) -> None:
        self._arrange = arrange

    def __await__(self) -> Generator[Arrange, Any, T]:
        result: T = yield self._arrange
        return result


class Branch(Generic[T]):
    """Something that runs in a loop; `result` or `error` is there when it is `done`."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.work = work
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None
        self.watchers: list[Callable[[], None]] = []

    def end(self, result: T | None, error: BaseException | None) -> None:
        """Note how it has ended, and tell those who wait for it."""
        self.done, self.result, self.error = True, result, error
        for watcher in self.watchers:
            watcher()


class Loop:
    """Runs branches by a clock; `post` is the one thing that other threads may call."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._ready: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Posted]] = []
        self._number = itertools.count()
        self._posted: queue.SimpleQueue[Posted] = queue.SimpleQueue()
        self._branches: list[Branch[Any]] = []
        self._stopped: BaseException | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something to its end, and return what it returns."""
        main = self.spawn(work)
        try:
            while not main.done:
                self._once()
                if self._stopped:
                    raise self._stopped
        finally:
            for branch in self._branches:
                branch.work.close()
        if main.error:
            raise main.error
        return main.result  # type: ignore[return-value]

    def spawn(self, work: Coroutine[Any, Any, T]) -> Branch[T]:
        """Start something beside what runs."""
        branch = Branch(work)
        self._branches.append(branch)
        self._ready.append(lambda: self._advance(branch, None, None))
        return branch

    def post(self, work: Posted) -> None:
        """Let something be done in the loop's thread."""
        self._posted.put(work)

    def stop(self, error: BaseException) -> None:
        """End all that runs by an error that nothing in it catches."""
        self.post(lambda: setattr(self, "_stopped", error))

    def at(self, due: float, work: Posted) -> None:
        """Let something be done at a time."""
        heapq.heappush(self._timers, (due, next(self._number), work))

    def soon(self, work: Posted) -> None:
        """Let something be done after all that is ready."""
        self._ready.append(work)

    @property
    def alone(self) -> bool:
        """Whether nothing else could go on now."""
        return not self._ready

    def _once(self) -> None:
        while not self._posted.empty():
            self._posted.get()()
        if self._ready:
            self._ready.popleft()()
            return
        wait = self._timers[0][0] - self.clock.now() if self._timers else None
        if wait is None or wait > 0:
            posted = self.clock.wait(wait, self._posted)
            if posted:
                posted()
        while self._timers and self._timers[0][0] <= self.clock.now():
            self._ready.append(heapq.heappop(self._timers)[2])

    def _advance(self, branch: Branch[Any], value: Any, error: BaseException | None) -> None:
        try:
            arrange = branch.work.throw(error) if error else branch.work.send(value)
        except StopIteration as end:
            self._ended(branch, end.value, None)
        except Exception as raised:  # whatever it is, who waits for the branch gets it
            self._ended(branch, None, raised)
        else:
            arrange(self, self._resume(branch))

    def _ended(self, branch: Branch[Any], result: Any, error: BaseException | None) -> None:
        self._branches.remove(branch)
        branch.end(result, error)

    def _resume(self, branch: Branch[Any]) -> Resume:
        called: list[bool] = []

        def resume(value: Any = None, error: BaseException | None = None) -> None:
            if not called:
                called.append(True)
                self._ready.append(lambda: self._advance(branch, value, error))

        return resume


def turn() -> Awaitable[None]:
    """Let the others go on first."""
    return Waiting(lambda loop, resume: loop.soon(resume))


def until(due: float) -> Awaitable[None]:
    """Wait until a time."""
    return Waiting(lambda loop, resume: loop.at(due, resume))


def finished(branch: Branch[Any]) -> Awaitable[None]:
    """Wait until a branch is done."""

    def arrange(_loop: Loop, resume: Resume) -> None:
        if branch.done:
            resume()
        else:
            branch.watchers.append(resume)

    return Waiting(arrange)


def blocking(work: Callable[[], T]) -> Awaitable[T]:
    """Do what takes time: in a thread of its own, or in no time at all where time is virtual."""

    def arrange(loop: Loop, resume: Resume) -> None:
        def done() -> None:
            outcome = _tried(work)
            loop.post(lambda: resume(*outcome))

        if loop.clock.concurrent:
            threading.Thread(target=done, daemon=True).start()
        else:
            resume(*_tried(work))

    return Waiting(arrange)


def _tried(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return work(), None
    except Exception as error:  # whoever waits gets it
        return None, error


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end what waits for nothing."""
    try:
        while True:
            work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
