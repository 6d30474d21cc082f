"""The messages of a queue that wait in memory for their delivery: in any order, or in order within each group."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import islice, takewhile
from typing import Protocol

from isthmus_local.chaos import CALM, Chaos
from isthmus_local.store.queues import StoredMessage


class Entry:
    """A message in memory: `attempts` counts failed deliveries, `gone` says it was acknowledged or buried.

    `doubled` says that chaos has delivered it twice, which it does once.
    """

    __slots__ = ("attempts", "doubled", "gone", "leased_until", "message")

    def __init__(self, message: StoredMessage) -> None:
        self.message = message
        self.attempts = message.attempts
        self.doubled = False
        self.gone = False
        self.leased_until = 0.0


class Waiting(Protocol):
    """What waits: `len` counts the entries, delayed ones included."""

    def __len__(self) -> int: ...

    def add(self, entry: Entry, visible: float) -> None:
        """Let an entry wait, from the epoch second `visible` on."""
        ...

    def give_back(self, entries: Iterable[Entry]) -> None:
        """Put entries that were taken but not tried before all the others."""
        ...

    def ready(self, now: float, enough: int) -> int:
        """Return how many entries could be taken now, counted up to `enough`."""
        ...

    def take(self, limit: int, now: float) -> list[Entry]:
        """Take the entries that are next, at most `limit`."""
        ...

    def release(self, entry: Entry) -> None:
        """Let what had to wait for this entry go on: it was acknowledged, or buried."""
        ...

    def next_visible(self) -> float | None:
        """Return when the next delayed entry can be taken; None where nothing is delayed."""
        ...


class Unordered:
    """The entries of a standard queue."""

    def __init__(self, chaos: Chaos = CALM) -> None:
        self._ready: deque[Entry] = deque()
        self._delayed: list[tuple[float, int, Entry]] = []
        self._chaos = chaos

    def __len__(self) -> int:
        return len(self._ready) + len(self._delayed)

    def add(self, entry: Entry, visible: float) -> None:
        """Let an entry wait; where its time has come it is found at the next `ready`."""
        if visible:
            heappush(self._delayed, (visible, entry.message.id, entry))
        else:
            self._ready.append(entry)

    def give_back(self, entries: Iterable[Entry]) -> None:
        """Put entries before all the others, in their order."""
        self._ready.extendleft(reversed(list(entries)))

    def ready(self, now: float, enough: int) -> int:
        """Return how many entries could be taken now."""
        while self._delayed and self._delayed[0][0] <= now:
            self._ready.append(heappop(self._delayed)[2])
        return len(self._ready)

    def take(self, limit: int, now: float) -> list[Entry]:
        """Take the next entries; with chaos, any of those that wait, and some of them once more later."""
        self.ready(now, limit)
        self._chaos.shuffle(self._ready)
        taken: list[Entry] = []
        while self._ready and len(taken) < limit:
            entry = self._ready.popleft()
            if not entry.gone:
                taken.append(entry)
                if not entry.doubled and self._chaos.doubles():
                    entry.doubled = True
                    heappush(self._delayed, (now, entry.message.id, entry))
        return taken

    def release(self, entry: Entry) -> None:
        """Do nothing: no entry waits for another."""

    def next_visible(self) -> float | None:
        """Return when the next delayed entry can be taken."""
        return self._delayed[0][0] if self._delayed else None


class Grouped:
    """The entries of a FIFO queue: while one of a group is out, or waits for its next attempt, the group waits."""

    def __init__(self) -> None:
        self._groups: dict[str, list[tuple[int, float, Entry]]] = {}
        self._out: dict[str, set[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, entry: Entry, visible: float) -> None:
        """Let an entry wait in its group, at the place that its age gives it."""
        self.release(entry)
        insort(self._groups.setdefault(entry.message.group or "", []), (entry.message.id, visible, entry))
        self._count += 1

    def give_back(self, entries: Iterable[Entry]) -> None:
        """Put entries back to their places."""
        for entry in entries:
            self.add(entry, 0.0)

    def ready(self, now: float, enough: int) -> int:
        """Return how many entries could be taken now, counted up to `enough`."""
        count = 0
        for name in self._groups:
            count += self._available(name, now, enough - count)
            if count >= enough:
                break
        return count

    def take(self, limit: int, now: float) -> list[Entry]:
        """Take the next entries of groups that are free, each group's in their order."""
        taken: list[Entry] = []
        for name in list(self._groups):
            count = self._available(name, now, limit - len(taken))
            taken += self._pop(name, count)
            if len(taken) == limit:
                break
        return taken

    def release(self, entry: Entry) -> None:
        """Let the entry's group go on, once all that were taken with it are back or gone."""
        name = entry.message.group or ""
        out = self._out.get(name)
        if out is not None:
            out.discard(entry.message.id)
            if not out:
                del self._out[name]

    def next_visible(self) -> float | None:
        """Return when the next group that is not out can go on."""
        heads = [group[0][1] for name, group in self._groups.items() if name not in self._out]
        return min(heads, default=None)

    def _available(self, name: str, now: float, enough: int) -> int:
        if name in self._out:
            return 0
        heads = takewhile(lambda place: place[1] <= now, islice(self._groups[name], enough))
        return sum(1 for _ in heads)

    def _pop(self, name: str, count: int) -> list[Entry]:
        group = self._groups[name]
        taken = [entry for _, _, entry in group[:count]]
        del group[:count]
        if not group:
            del self._groups[name]
        if taken:
            self._out[name] = {entry.message.id for entry in taken}
            self._count -= len(taken)
        return taken
