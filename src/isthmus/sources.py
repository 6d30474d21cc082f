"""What delivers events to a function, and what becomes of those that fail."""

from __future__ import annotations

from isthmus._typing import Any, Sequence

ATTEMPTS = 3
"""How often a schedule's tick or an asynchronous invocation is tried: once, and again twice."""

RETRY_DELAY = 1.0
"""Seconds before the second attempt at what has no delay of its own; doubled each time."""

MAX_RETRY_DELAY = 60.0
"""The most seconds between two attempts at what has no delay of its own."""

_SHARED = ("queue", "stream", "table")


class Source:
    """A queue, stream or table that a function consumes, or its subscription to what pushes: a topic, a bucket, ….

    `kind` is that of its events (a trigger kind) and `name` the declared one of the resource. An event is tried
    `attempts` times; the next attempt is `delay` seconds later, doubled each time up to `max_delay`; then it goes to
    the queue `dead_letters` (the provider's name). `ordered` sources keep the order of a group. Keys that start with
    one of `skip`, or do not end in `suffix`, are not delivered.
    """

    __slots__ = ("attempts", "dead_letters", "delay", "kind", "max_delay", "name", "ordered", "skip", "suffix")

    def __init__(
        self,
        kind: str,
        name: str,
        dead_letters: str = "",
        attempts: int = ATTEMPTS,
        delay: float = RETRY_DELAY,
        max_delay: float = MAX_RETRY_DELAY,
        ordered: bool = False,
        skip: Sequence[str] = (),
        suffix: str = "",
    ) -> None:
        self.kind = kind
        self.name = name
        self.dead_letters = dead_letters
        self.attempts = attempts
        self.delay = delay
        self.max_delay = max_delay
        self.ordered = ordered
        self.skip = tuple(skip)
        self.suffix = suffix

    def label(self, function: str) -> str:
        """Return how a dead letter names it: `Work`, or the subscription `Events>OnOrder` of what pushes."""
        return self.name if self.kind in _SHARED else f"{self.name}>{function}"

    def retry_after(self, attempt: int) -> float:
        """Return the seconds to wait before the next attempt, where number `attempt` (from 1) has failed."""
        return float(min(self.delay * 2 ** min(attempt - 1, 32), self.max_delay))

    def row(self) -> list[Any]:
        """Return it as JSON, so that `Source(*row)` is the same; what has its default at the end is left out."""
        row: list[Any] = [self.kind, self.name, self.dead_letters, self.attempts, self.delay, self.max_delay]
        row += [self.ordered, list(self.skip), self.suffix]
        while len(row) > 2 and row[-1] == _DEFAULTS[len(row) - 1]:
            row.pop()
        return row

    def __repr__(self) -> str:
        return f"<Source {self.kind} {self.name}>"


_DEFAULTS: Sequence[Any] = (None, None, "", ATTEMPTS, RETRY_DELAY, MAX_RETRY_DELAY, False, [], "")
