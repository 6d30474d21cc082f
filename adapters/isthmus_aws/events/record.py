"""One record of a batch, which succeeds or fails as one."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterable, Iterator, Sequence, TypeAlias, overload
from isthmus.envelope import Envelope


class Record:
    """What AWS delivered as one: `id` names it in `batchItemFailures`, `source` is the physical name of its origin.

    `events` are the neutral events of it, none to several, with a `serve.Malformed` for what cannot be read; `envelope`
    rode with all of them. `attempt` counts deliveries from 1, where the service tells; `raw` is AWS's own record.
    """

    __slots__ = ("attempt", "envelope", "events", "id", "raw", "source")

    def __init__(self, id: str, source: str, attempt: int, envelope: Envelope, events: Sequence[Any], raw: Any) -> None:
        self.id = id
        self.source = source
        self.attempt = attempt
        self.envelope = envelope
        self.events = events
        self.raw = raw

    def __repr__(self) -> str:
        return f"<Record {self.id} of {self.source}, {len(self.events)} events, attempt {self.attempt}>"


Turn: TypeAlias = "tuple[Sequence[Any], Envelope, int]"
"""What a record is tried with: its events, its envelope and its attempt."""


class Unread:
    """Messages of SQS that are read when their turn comes, and not kept: ten thousand at once would be slow by that.

    A message that is handled needs no `Record`: one is made for each that somebody asks for, as of those that failed.
    """

    __slots__ = ("_origin", "_read", "_rows")

    def __init__(self, rows: Sequence[Any], origin: str, read: Callable[[Any], Turn]) -> None:
        self._rows = rows
        self._origin = origin
        self._read = read

    def turns(self) -> Iterator[Turn]:
        """Return what each record is tried with, in order."""
        return map(self._read, self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, self._rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Unread: ...
    def __getitem__(self, index: int | slice) -> Record | Unread:
        if isinstance(index, slice):
            return Unread(self._rows[index], self._origin, self._read)
        return self._record(self._rows[index])

    def _record(self, row: Any) -> Record:
        events, envelope, attempt = self._read(row)
        return Record(row["messageId"], self._origin, attempt, envelope, events, row)


Records: TypeAlias = "Sequence[Record] | Unread"
"""The records of an event, in order."""


def turns(records: Records) -> Iterable[Turn]:
    """Return what each of some records is tried with, in order."""
    if type(records) is Unread:
        return records.turns()
    return ((record.events, record.envelope, record.attempt) for record in records)
