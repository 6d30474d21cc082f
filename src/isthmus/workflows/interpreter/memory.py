"""A ledger in memory: for a run that need not outlive its process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from isthmus.workflows.frames import Execution, ExecutionStatus, Frame, HistoryEvent, Join


class MemoryLedger:
    """The frames of one execution in dicts; `record` is told each event of its history."""

    def __init__(self, execution: Execution, record: Callable[[HistoryEvent], object] | None = None) -> None:
        self._record = record
        self._execution = execution
        self._frames: dict[int, Frame] = {}
        self._below: dict[int, dict[int, None]] = {0: {}}
        self._outputs: dict[int, dict[int, Any]] = {}
        self._joins: dict[int, Join] = {}
        self._items: dict[int, Sequence[Any]] = {}
        self._last = 0

    @property
    def execution(self) -> Execution:
        """Return the execution that this is the ledger of."""
        return self._execution

    def set(self, status: ExecutionStatus, *, redrives: int = 0) -> None:
        """Change what the execution has come to, as a host does that has kept an `Ended`, or that redrives."""
        self._execution = replace(self._execution, status=status, redrives=self._execution.redrives + redrives)

    def frame(self, identifier: int) -> Frame | None:
        """Return a frame."""
        return self._frames.get(identifier)

    def add(self, frame: Frame) -> int:
        """Keep a new frame."""
        self._last += 1
        self._frames[self._last] = frame
        self._below.setdefault(frame.parent, {})[self._last] = None
        return self._last

    def save(self, frame: Frame) -> None:
        """Keep what has become of a frame."""
        self._frames[frame.id] = frame

    def end(self, frame: Frame, output: Any) -> None:
        """Forget a frame that has ended, and keep its output."""
        del self._frames[frame.id]
        self._below[frame.parent].pop(frame.id)
        self._below.pop(frame.id, None)
        if frame.parent:
            self._outputs.setdefault(frame.parent, {})[frame.index] = output

    def fail(self, frame: Frame) -> None:
        """Forget a frame that has failed where its parent tolerates that."""
        self.end(frame, None)

    def outputs(self, parent: int) -> list[Any]:
        """Return the outputs of the frames below `parent`."""
        outputs = self._outputs.get(parent, {})
        return [outputs[index] for index in sorted(outputs)]

    def below(self, parent: int) -> list[Frame]:
        """Return the frames below `parent`, an outer one before those within it."""
        return [self._frames[identifier] for identifier in self._descendants(parent)]

    def forget(self, parent: int) -> None:
        """Forget all that is below `parent`."""
        for identifier in [*self._descendants(parent), parent]:
            self._outputs.pop(identifier, None)
            self._joins.pop(identifier, None)
            self._items.pop(identifier, None)
            self._below.pop(identifier, None)
            if identifier != parent:
                del self._frames[identifier]

    def join(self, frame: int) -> Join | None:
        """Return what a frame knows of those below it."""
        return self._joins.get(frame)

    def keep(self, join: Join) -> None:
        """Keep what has become of a join."""
        self._joins[join.frame] = join

    def spread(self, frame: int, items: Sequence[Any]) -> None:
        """Keep the items of a Map."""
        self._items[frame] = items

    def item(self, frame: int, index: int) -> Any:
        """Return one of the items of a Map."""
        return self._items[frame][index]

    def record(self, event: HistoryEvent) -> None:
        """Tell whoever keeps the history."""
        if self._record is not None:
            self._record(event)

    def _descendants(self, parent: int) -> Iterator[int]:
        waiting = list(self._below.get(parent, ()))
        while waiting:
            identifier = waiting.pop(0)
            yield identifier
            waiting.extend(self._below.get(identifier, ()))
