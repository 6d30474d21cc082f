"""What one try of a step has drawn and computed, so that the next try of it draws and computes the same.

A step is a transaction, and while one is open the store is nobody else's. So an expression that takes long is broken
off there, and the step with it; it is computed elsewhere, and the step tried again, which finds what it came to here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from time import monotonic
from typing import Any

LOST = 3
"""How often what was computed may be in vain, because the step went another way: then it is computed in the step."""


class TakesLongError(Exception):
    """A step was broken off: `work`, which may be done in any thread, is what takes long; then try the step again."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__("an expression takes longer than a step may")
        self.work = work


class Tape:
    """What a step draws and computes, in order; a step that goes another way than before is on its own from there."""

    def __init__(self) -> None:
        self._known: list[tuple[Any, Any]] = []
        self._at = 0
        self._lost = 0
        self.left = inf

    @contextmanager
    def played(self, seconds: float) -> Generator[None]:
        """Be the tape of a try, from the start; it may compute for `seconds`, of which `left` are left."""
        self._at, self.left = 0, inf if self._lost >= LOST else seconds
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def draw(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was drawn for `key` here by an earlier try; or else draw it."""
        if self._at == len(self._known) or self._known[self._at][0] != key:
            self._lost += self._at < len(self._known)
            self._known[self._at :] = [(key, make())]
        self._at += 1
        return self._known[self._at - 1][1]

    def compute(self, key: Any, make: Callable[[], Any]) -> Any:
        """Do the same with what takes time; `TakesLongError` where there is not enough of that.

        What `make` returns is an exception where it could not be made: only then may the time have been too short.
        """
        return self.draw(key, lambda: self._computed(key, make))

    def _computed(self, key: Any, make: Callable[[], Any]) -> Any:
        at, began = self._at, monotonic()
        if self.left > 0:
            made = make()
            self.left -= monotonic() - began
            if self.left > 0 or not isinstance(made, Exception):
                return made

        def work() -> None:
            self._known[at:] = [(key, make())]

        raise TakesLongError(work)


_current: ContextVar[Tape | None] = ContextVar("tape", default=None)


def drawn(key: str, make: Callable[[], Any]) -> Any:
    """Return what `make` does, or has done in an earlier try of the step that runs here."""
    tape = _current.get()
    return make() if tape is None else tape.draw(key, make)


def computed(key: Any, make: Callable[[], Any]) -> Any:
    """Return the same of what takes time: see `Tape.compute`."""
    tape = _current.get()
    return make() if tape is None else tape.compute(key, make)


def seconds_left(most: float) -> float:
    """Return how long what runs here may still take: `most`, unless it is in a step."""
    tape = _current.get()
    return most if tape is None else min(most, tape.left)
