"""Who waits for what is called by workflows: a line for each function, and one for all integrations.

Calls are owed by rows of the store; up to `IN_MEMORY` of a line wait here, the rest is read when there is room. So a
start after a crash, and more calls than memory has room for, are the same thing: reading on from the last that was
seen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from isthmus.workflows.frames import Call
from isthmus_local.clock import Clock
from isthmus_local.store.database import Database
from isthmus_local.store.execution_frames import Place
from isthmus_local.workflow_steps import News, Recalled

IN_MEMORY = 500
"""How many calls of one line wait in memory at most."""

PAGE = 100
"""How many are read at once."""

BUSY = 0.5
"""Seconds that a call waits which nobody had time for."""

log = logging.getLogger("isthmus.local")


class Errand(NamedTuple):
    """A call to be made: where its outcome goes, its number among all that are owed, and how often it was made."""

    news: News
    call: Call
    owed: int

    @property
    def place(self) -> Place:
        """Return the frame that waits for the outcome."""
        return Place(self.news.stored.number, self.call.frame)


def errands(news: News) -> list[Errand]:
    """Return the calls of a step, in the order in which they came to be owed."""
    calls = [effect for effect in news.effects if isinstance(effect, Call)]
    return sorted((Errand(news, call, news.owed[call.frame]) for call in calls), key=lambda errand: errand.owed)


class Lane:
    """The line before whoever is called: at most `most` errands are out at once, each sent on its way with `send`.

    `recall` is the operation of the store that tells anew of what is owed.
    """

    def __init__(
        self,
        name: str,
        most: int,
        *,
        send: Callable[[Lane, Errand], None],
        recall: Callable[..., Recalled],
        database: Database,
        clock: Clock,
    ) -> None:
        self.name = name
        self._most = most
        self._send = send
        self._recall = recall
        self._database = database
        self._clock = clock
        self._waiting: dict[str, Errand] = {}
        self._out: dict[str, Callable[[], object]] = {}
        self._seen = 0
        self._behind = True
        self._loading = False
        self._stopped = False

    @property
    def idle(self) -> bool:
        """Whether nobody waits, or is out."""
        return not (self._waiting or self._out or self._loading or self._behind)

    def start(self) -> None:
        """Begin with what is owed."""
        self._load()

    def stop(self) -> None:
        """Send nobody more; whoever is out may still come back."""
        self._stopped = True

    def _load(self) -> None:
        if not self._loading and not self._stopped:
            self._loading = True
            self._database.post(self._loaded, self._recall, self.name, self._seen, PAGE)

    def _loaded(self, recalled: Recalled | None, error: BaseException | None) -> None:
        self._loading = False
        if recalled is None:
            log.error("calls of workflows to %s cannot be read: %s", self.name, error)
            self._clock.call_at(self._clock.time() + 1, self._load)
            return
        self._behind = recalled.more
        self._seen = max(self._seen, recalled.last)
        for news in recalled.news:
            self._waiting.update({errand.call.token: errand for errand in errands(news)})
        self._pump()

    def join(self, errand: Errand) -> None:
        """Let an errand join the line, unless it is known, or there is no room: then it is read when there is."""
        if self._behind or errand.owed <= self._seen:
            return
        if len(self._waiting) >= IN_MEMORY:
            self._behind = True
            return
        self._seen = errand.owed
        self._waiting[errand.call.token] = errand
        self._pump()

    def go(self, errand: Errand, cancel: Callable[[], object]) -> None:
        """Take notice that an errand is out; `cancel` calls it back, as far as that is possible."""
        self._out[errand.call.token] = cancel

    def back(self, errand: Errand) -> None:
        """Take notice that an errand is done, whatever it came to."""
        self._out.pop(errand.call.token, None)
        self._pump()

    def again(self, errand: Errand) -> None:
        """Let an errand that was not taken wait again."""
        self._out.pop(errand.call.token, None)
        self._waiting[errand.call.token] = errand
        self._clock.call_at(self._clock.time() + BUSY, self._pump)

    def cancel(self, token: str) -> bool:
        """Call an errand back; False where none of this token waits, or is out."""
        if self._waiting.pop(token, None) is not None:
            return True
        cancel = self._out.get(token)
        if cancel is None:
            return False
        cancel()
        return True

    def _pump(self) -> None:
        while self._waiting and len(self._out) < self._most and not self._stopped:
            errand = self._waiting.pop(next(iter(self._waiting)))
            self.go(errand, _nothing)
            self._send(self, errand)
        if self._behind and len(self._waiting) < IN_MEMORY // 2:
            self._load()


def _nothing() -> None:
    """Call nobody back."""
