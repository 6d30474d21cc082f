"""What an execution consists of while it runs: frames, kept in a ledger, and effects that the world must bring about.

An execution is a tree of frames. Each frame runs one machine: the root frame the whole definition, a frame below it one
branch of a Parallel or one iteration of a Map. A frame is in one state at a time. Whatever a state computes by itself
is done at once; where it must wait (for a task, a time, the frames below it), the frame says for what, and is saved.
So the frames in the ledger are all that must survive, and every call of the interpreter is one transaction on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

ExecutionStatus = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
"""What an execution has come to."""

Waiting = Literal["", "task", "callback", "time", "retry", "frames", "redrive"]
"""For what a frame waits: a task's result, its token's, a Wait's time, that of another attempt, the frames below it.

"" is a turn of its own (`proceed`); "redrive" says that the frame has failed, and the execution with it.
"""


@dataclass(slots=True)
class Frame:
    """One machine that runs. All of it is JSON; `id` is given by the ledger, and is 0 until then.

    `machine` is the machine's pointer in the definition, `index` which branch or iteration of its parent it is, and
    `item` what `$$.Map.Item` has there. `input` is that of the state it is in. `variables` are all that are visible in
    it: those that its parent had when it was started (the parent waits, so that they cannot change), and its own.
    `attempts` counts, by the position of each retrier of the state, the retries that it has made, `retries` all of
    them. `waiting` says for what it waits since it was last saved; `until` (epoch seconds) when it must be woken at the
    latest: the earliest of `deadline` (a Wait's end, another attempt, a task's time limit), `missed` (when a heartbeat
    is overdue; `heartbeat` is the seconds between two) and `expires` (of the root frame: the whole execution's time
    limit). `token` is of this very attempt of its task, and `arguments` is what that works on. The interpreter reads a
    Map's own frame for each of its iterations: a store does well to keep it at hand.
    """

    machine: str
    state: str
    input: Any
    id: int = 0
    parent: int = 0
    index: int = 0
    item: Any = None
    variables: dict[str, Any] = field(default_factory=lambda: {})
    entered: float = 0.0
    attempts: dict[str, int] = field(default_factory=lambda: {})
    retries: int = 0
    waiting: Waiting = ""
    until: float | None = None
    deadline: float | None = None
    missed: float | None = None
    expires: float | None = None
    heartbeat: float | None = None
    token: str = ""
    arguments: Any = None


@dataclass(slots=True)
class Join:
    """What a Parallel or a Map that waits knows of the frames below it; `frame` is its own.

    It is kept apart from the frame, because each frame below that ends changes it, and the frame's input may be large.
    At most `concurrency` of `total` may run at once (0: all of them). More than `tolerated` that have failed, or a
    share of them above `share` per cent, fail the state; both None: the first one that fails does. `iterates` says that
    they are the iterations of a Map.
    """

    frame: int
    total: int
    concurrency: int = 0
    iterates: bool = False
    started: int = 0
    ended: int = 0
    failed: int = 0
    tolerated: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of an execution's history: `type` as the language's services name it ("TaskStateEntered")."""

    type: str
    time: float
    frame: int
    state: str
    details: Mapping[str, Any] = field(default_factory=lambda: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One run of a definition: what is known from its start on. Times are epoch seconds.

    The host changes `status` when it has kept an `Ended`, and when it redrives; the interpreter only reads it: while it
    is not "RUNNING", a call changes nothing.
    """

    id: str
    name: str
    workflow: str
    input: Any
    started: float
    redrives: int = 0
    status: ExecutionStatus = "RUNNING"


class Ledger(Protocol):
    """Where the frames of one execution are kept: in memory, or in the transaction of a store."""

    @property
    def execution(self) -> Execution:
        """Return the execution that this is the ledger of."""
        ...

    def frame(self, identifier: int) -> Frame | None:
        """Return a frame, to be changed and saved; None where it has ended, or never was."""
        ...

    def add(self, frame: Frame) -> int:
        """Keep a new frame; returns its id."""
        ...

    def save(self, frame: Frame) -> None:
        """Keep what has become of a frame."""
        ...

    def end(self, frame: Frame, output: Any) -> None:
        """Forget a frame that has ended; of one below another, its output is kept for `outputs`."""
        ...

    def fail(self, frame: Frame) -> None:
        """Forget a frame that has failed where its parent tolerates that: `outputs` has None in its place."""
        ...

    def outputs(self, parent: int) -> list[Any]:
        """Return the outputs of the frames below `parent`, in the order of their indexes."""
        ...

    def below(self, parent: int) -> Iterable[Frame]:
        """Return the frames below `parent` that have not ended, at any depth; all there are for 0, the root first."""
        ...

    def forget(self, parent: int) -> None:
        """Forget all frames below `parent`, at any depth, with their outputs and joins, and its own join and items."""
        ...

    def join(self, frame: int) -> Join | None:
        """Return what a frame knows of those below it, to be changed and kept."""
        ...

    def keep(self, join: Join) -> None:
        """Keep what has become of a join."""
        ...

    def spread(self, frame: int, items: Sequence[Any]) -> None:
        """Keep the items of a Map, one by one, until the frame's children are forgotten."""
        ...

    def item(self, frame: int, index: int) -> Any:
        """Return one of the items of a Map."""
        ...

    def record(self, event: HistoryEvent) -> None:
        """Add to the history."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Effect: let a Task's work be done, then tell the interpreter what it came to.

    `resource` is the state's, `arguments` what it works on. `token` is of this very attempt: it completes the task
    where that is a callback, and tells the interpreter which attempt a result is of. Its time limits are no part of
    this: the frame's `until` has them, for which a `Sleep` comes along. `attempt` counts from 1; `context` is the
    context object that the state has seen.
    """

    frame: int
    state: str
    pointer: str
    resource: str
    arguments: Any
    token: str
    attempt: int
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Effect: `wake` the frame at `until` (epoch seconds), unless it has been saved with another `until` by then."""

    frame: int
    until: float


@dataclass(frozen=True, slots=True)
class Continue:
    """Effect: call `proceed` for the frame as soon as others had their turn: it has made many transitions at once."""

    frame: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Effect: nobody waits for the frame's task of this token any more; stop it where that is possible."""

    frame: int
    token: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Effect: the execution has ended."""

    status: ExecutionStatus
    output: Any = None
    error: str = ""
    cause: str = ""


Effect: TypeAlias = Call | Sleep | Continue | Cancel | Ended
"""What the world must bring about after a call of the interpreter has been kept."""
