"""One record of a batch, which succeeds or fails as one."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterator, Sequence, TypeAlias, overload
from isthmus.envelope import Envelope


class Record:
    """What AWS delivered as one: `id` names it in `batchItemFailures`, `source` is the physical name of its origin.

    `events` are the neutral events of it, none to several, with a `serve.Malformed` for what cannot be read; `envelope`
    rode with all of them. `attempt` counts deliveries from 1, where the service tells; `raw` is AWS's own record.
    """

    __slots__ = ("attempt", "envelope", "events", "id", "raw", "source")

    def __init__(self, id: str, source: str, attempt: int, envelope: Envelope, events: list[Any], raw: Any) -> None:
        self.id = id
        self.source = source
        self.attempt = attempt
        self.envelope = envelope
        self.events = events
        self.raw = raw

    def __repr__(self) -> str:
        return f"<Record {self.id} of {self.source}, {len(self.events)} events, attempt {self.attempt}>"


class Unread:
    """Records that are read when their turn comes, and not kept: ten thousand of them at once would be slow by that."""

    __slots__ = ("_read", "_rows")

    def __init__(self, rows: Sequence[Any], read: Callable[[Any], Record]) -> None:
        self._rows = rows
        self._read = read

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        return map(self._read, self._rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Unread: ...
    def __getitem__(self, index: int | slice) -> Record | Unread:
        if isinstance(index, slice):
            return Unread(self._rows[index], self._read)
        return self._read(self._rows[index])


Records: TypeAlias = "Sequence[Record] | Unread"
"""The records of an event, in order."""
