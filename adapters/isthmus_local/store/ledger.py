"""The ledger of one execution, in a transaction: what an interpreter's call does to frames is written at its end.

So a chain of states that wait for nothing writes its frame once, however long it is, and one that ends within the call
never; what it has recorded is one row.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from isthmus.workflows.frames import Ended, Execution, Frame, HistoryEvent, Join
from isthmus_local.store import execution_frames, execution_history, execution_joins, executions
from isthmus_local.store.database import Transaction
from isthmus_local.store.execution_frames import FrameRow, Place
from isthmus_local.store.executions import StoredExecution
from isthmus_local.store.parsed_data import ParsedData

encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

Lane = Callable[[Frame], str]
"""Returns who has to be called for a frame that waits for a task, or for its turn."""

OWED = ("", "task", "callback")
"""For what frames wait that are owed something: a turn of their own, or a call."""


class Kept(NamedTuple):
    """What the store has of a frame: enough to tell whether it waits for something else now, or has other data."""

    waiting: str
    token: str
    row: FrameRow
    data: tuple[Any, ...]


class Numbers:
    """Numbers that only grow, also from one run of the app to the next: for revisions, and for what is owed."""

    def __init__(self) -> None:
        self._next = itertools.count(time.time_ns())

    def __call__(self) -> int:
        """Return the next number."""
        return next(self._next)

    def pass_over(self, number: int) -> None:
        """Go on after `number`, should the clock have been set back."""
        if number >= self():
            self._next = itertools.count(number + 1)


class StoredLedger:
    """The ledger of a stored execution: see `isthmus.workflows.frames.Ledger`; `flush` writes it."""

    def __init__(
        self, tx: Transaction, stored: StoredExecution, *, parsed: ParsedData, numbers: Numbers, lane: Lane
    ) -> None:
        self.stored = stored
        self._tx = tx
        self._parsed = parsed
        self._numbers = numbers
        self._lane = lane
        self._execution = _execution(stored, self._input())
        self._frames: dict[int, Frame] = {}
        self._before: dict[int, Kept] = {}
        self._gone: set[int] = set()
        self._leaving: list[Place] = []
        self._dirty: set[int] = set()
        self._joins: dict[int, Join] = {}
        self._outputs: list[tuple[int, int, int, str]] = []
        self._events: list[HistoryEvent] = []
        self._last_frame = stored.frames
        self.owed: dict[int, int] = {}

    @property
    def execution(self) -> Execution:
        """Return the execution."""
        return self._execution

    def _input(self) -> Any:
        key = self.stored.number
        kept = self._parsed.get(key, 0)
        if kept is None:
            text = executions.given(self._tx, key)
            kept = (json.loads(text),)
            if self.stored.frames:  # one that begins may be rolled back, and its number be another one's then
                self._parsed.keep(key, 0, len(text), kept)
        return kept[0]

    # frames

    def frame(self, identifier: int) -> Frame | None:
        """Return a frame, to be changed and saved."""
        if identifier in self._gone:
            return None
        return self._frames.get(identifier) or self._read(identifier)

    def _read(self, identifier: int) -> Frame | None:
        place = Place(self.stored.number, identifier)
        row = execution_frames.read(self._tx, place)
        if row is None:
            return None
        data = self._data(place, row.revision)
        frame = row.frame
        frame.input, frame.item, variables, frame.arguments = data
        frame.variables = dict(variables)
        self._frames[identifier] = frame
        self._before[identifier] = Kept(frame.waiting, frame.token, row, data)
        return frame

    def _data(self, place: Place, revision: int) -> Any:
        kept = self._parsed.get(place, revision)
        if kept is None:
            text = execution_frames.read_data(self._tx, place)
            kept = _unpacked(json.loads(text))
            self._parsed.keep(place, revision, len(text), kept)
        return kept

    def add(self, frame: Frame) -> int:
        """Keep a new frame; returns its id."""
        self._last_frame += 1
        frame.id = self._last_frame
        self._frames[frame.id] = frame
        self._dirty.add(frame.id)
        return frame.id

    def save(self, frame: Frame) -> None:
        """Keep what has become of a frame."""
        self._frames[frame.id] = frame
        self._dirty.add(frame.id)

    def end(self, frame: Frame, output: Any) -> None:
        """Forget a frame that has ended, and keep its output for its parent."""
        self._drop(frame.id)
        if frame.parent:
            self._outputs.append((self.stored.number, frame.parent, frame.index, encode(output)))

    def fail(self, frame: Frame) -> None:
        """Forget a frame that has failed, in whose place there is nothing."""
        self.end(frame, None)

    def _drop(self, identifier: int) -> None:
        self._frames.pop(identifier, None)
        self._dirty.discard(identifier)
        self._gone.add(identifier)
        if identifier in self._before:
            self._leaving.append(Place(self.stored.number, identifier))
            self._parsed.drop(self._leaving[-1])

    def outputs(self, parent: int) -> list[Any]:
        """Return the outputs of the frames below `parent`, in the order of their indexes."""
        self._write_outputs()
        found: list[Any] = json.loads(f"[{','.join(execution_joins.outputs(self._tx, self.stored.number, parent))}]")
        return found

    def below(self, parent: int) -> Iterable[Frame]:
        """Return the frames below `parent`, at any depth."""
        self._write()
        ids = execution_frames.below(self._tx, self.stored.number, parent)
        return [frame for id in ids if (frame := self.frame(id)) is not None]

    def forget(self, parent: int) -> None:
        """Forget all that belongs to the frames below `parent`, and its own join and items."""
        self._write()
        number = self.stored.number
        ids = execution_frames.below(self._tx, number, parent)
        for id in ids:
            self._drop(id)
        execution_frames.remove(self._tx, [Place(number, id) for id in ids])
        execution_joins.forget(self._tx, number, [parent, *ids])
        for id in (parent, *ids):
            self._joins.pop(id, None)

    # joins

    def join(self, frame: int) -> Join | None:
        """Return what a frame knows of those below it."""
        return self._joins.get(frame) or execution_joins.read(self._tx, self.stored.number, frame)

    def keep(self, join: Join) -> None:
        """Keep what has become of a join."""
        self._joins[join.frame] = join

    def spread(self, frame: int, items: Sequence[Any]) -> None:
        """Keep the items of a Map."""
        execution_joins.spread(self._tx, self.stored.number, frame, map(encode, items))

    def item(self, frame: int, index: int) -> Any:
        """Return one of the items of a Map."""
        return json.loads(execution_joins.item(self._tx, self.stored.number, frame, index))

    # history and end

    def record(self, event: HistoryEvent) -> None:
        """Add to the history; none is kept of an express workflow's executions."""
        if not self.stored.express:
            self._events.append(event)

    def finish(self, ended: Ended) -> None:
        """Keep what the execution has come to."""
        self._write()
        output = encode(ended.output) if ended.status == "SUCCEEDED" else None
        executions.finish(self._tx, self.stored.number, ended, output)
        execution_frames.rest(self._tx, self.stored.number)
        self._parsed.drop(self.stored.number)

    def owe_turn(self, identifier: int, lane: str) -> None:
        """Keep that a frame must have another turn."""
        self._write()
        if identifier not in self.owed:
            self.owed[identifier] = self._numbers()
            execution_frames.owe(self._tx, Place(self.stored.number, identifier), self.owed[identifier], lane)

    def flush(self) -> None:
        """Write what has changed."""
        self._write()
        events = self.stored.events + len(self._events)
        if self._events:
            execution_history.add(self._tx, self.stored.number, events, self._events)
        if events != self.stored.events or self._last_frame != self.stored.frames:
            executions.count_up(self._tx, self.stored.number, self._last_frame, events)

    def _write(self) -> None:
        number = self.stored.number
        if self._leaving:
            execution_frames.remove(self._tx, self._leaving)
            self._leaving = []
        for id in sorted(self._dirty):
            self._write_frame(self._frames[id])
        self._dirty.clear()
        for join in self._joins.values():
            execution_joins.write(self._tx, number, join)
        self._joins.clear()
        self._write_outputs()

    def _write_outputs(self) -> None:
        if self._outputs:
            execution_joins.give(self._tx, self._outputs)
            self._outputs = []

    def _write_frame(self, frame: Frame) -> None:
        before = self._before.get(frame.id)
        data = (frame.input, frame.item, frame.variables, frame.arguments)
        same = before is not None and _same(before.data, data)
        revision = before.row.revision if before is not None and same else self._write_data(frame, data)
        if before is not None and before.waiting == frame.waiting and before.token == frame.token and frame.waiting:
            row = before.row._replace(frame=frame, revision=revision)
        else:
            row = self._owing(frame, revision)
        execution_frames.write(self._tx, self.stored.number, row, new=before is None)
        kept = (data[0], data[1], dict(data[2]), data[3])
        self._before[frame.id] = Kept(frame.waiting, frame.token, row, kept)

    def _owing(self, frame: Frame, revision: int) -> FrameRow:
        """Return the row of a frame that waits for something else than before, with what it is owed."""
        if frame.waiting not in OWED:
            return FrameRow(frame, revision)
        self.owed[frame.id] = self._numbers()
        return FrameRow(frame, revision, self.owed[frame.id], self._lane(frame))

    def _write_data(self, frame: Frame, data: tuple[Any, ...]) -> int:
        revision, place, text = self._numbers(), Place(self.stored.number, frame.id), encode(_packed(data))
        execution_frames.write_data(self._tx, place, text)
        self._parsed.keep(place, revision, len(text), (data[0], data[1], dict(data[2]), data[3]))
        return revision


def _execution(stored: StoredExecution, input: Any) -> Execution:
    return Execution(
        id=stored.id,
        name=stored.name,
        workflow=stored.workflow,
        input=input,
        started=stored.started,
        redrives=stored.redrives,
        status=stored.status,
    )


def _packed(data: tuple[Any, ...]) -> list[Any]:
    """Return data as it is written: arguments that are the input itself are not written twice."""
    input, item, variables, arguments = data
    return [input, item, variables] if arguments is input else [input, item, variables, arguments]


def _unpacked(data: list[Any]) -> tuple[Any, ...]:
    input, item, variables, *arguments = data
    return (input, item, variables, arguments[0] if arguments else input)


def _same(data: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    return data[0] is now[0] and data[1] is now[1] and data[3] is now[3] and _same_entries(data[2], now[2])


def _same_entries(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return len(one) == len(other) and all(name in other and other[name] is one[name] for name in one)
