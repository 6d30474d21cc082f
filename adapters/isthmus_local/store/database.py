"""One SQLite file, one connection that writes, and group commit: whatever waits together is committed together.

Every operation of the laptop's app, whether a message, a row or an acknowledgement, is a plain function that runs here.
Its answer is given only after the commit, so an answer means durable. One commit serves all that waits, so throughput
grows with load while a lone caller waits for one commit only.

Where a commit need not wait for the disk, what the event loop posts is committed at the end of the loop's turn, by the
loop itself: handing it to a thread and back would cost more than the commit. Where it must (`durability="power"`), and
for callers on other threads, a writer thread commits, so that a slow disk does not stop HTTP.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Concatenate, Literal, NamedTuple, ParamSpec, Protocol, TypeVar

from isthmus.errors import ServiceError

P = ParamSpec("P")
T = TypeVar("T")

Durability = Literal["process", "power"]
"""What an acknowledged write survives: the end of the process, or a power cut too (an fsync for each commit)."""


class Notice(NamedTuple):
    """Something an operation wants known once it is committed: a topic such as "queue", and what about it."""

    topic: str
    args: tuple[Any, ...]


class Transaction:
    """What an operation works with: the connection's `execute`, the time, and notices for after the commit.

    `envelope` is what rides with the write that is being done: see `carried`. `computed` is how many seconds its
    operations have computed besides: see `workflow_attempts`.
    """

    __slots__ = ("computed", "envelope", "execute", "executemany", "notices", "now")

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        self.execute = connection.execute
        self.executemany = connection.executemany
        self.now = now
        self.notices: list[Notice] = []
        self.envelope: Mapping[str, str] = {}
        self.computed = 0.0

    def notify(self, topic: str, *args: Any) -> None:
        """Deliver `args` to whoever listens for `topic`, once and only if this is committed."""
        self.notices.append(Notice(topic, args))


class Loop(Protocol):
    """The part of an event loop that the store needs."""

    def call_soon(self, callback: Callable[..., Any], *args: Any) -> Any:
        """Run `callback` in the loop's next turn; called on the loop's own thread."""
        ...

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any) -> Any:
        """Run `callback` on the loop's own thread."""
        ...


class Job(NamedTuple):
    """One operation that waits: `future` is a thread's, `callback` is the event loop's."""

    op: Callable[..., Any]
    args: tuple[Any, ...]
    guard: bool
    future: Future[Any] | None
    callback: Callable[[Any, BaseException | None], None] | None


class Outcome(NamedTuple):
    """What became of a job."""

    job: Job
    result: Any
    error: BaseException | None


class Committed(NamedTuple):
    """What became of the jobs of one commit, and what it has to tell."""

    outcomes: Sequence[Outcome]
    notices: Sequence[Notice]

    @property
    def is_news(self) -> bool:
        """Whether anybody but threads that wait for a future is to hear of it."""
        return bool(self.notices) or any(outcome.job.callback is not None for outcome in self.outcomes)


class Database:
    """The store of one app and stage.

    `path` is the file, or ":memory:"; `schema` the statements that make its tables. After `attach`, callbacks and
    notices arrive on the event loop, all of one commit in one turn; before it, on the writer thread.
    """

    def __init__(
        self,
        path: Path | str,
        schema: Iterable[str] = (),
        *,
        durability: Durability = "process",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._loop: Loop | None = None
        self._listener: Callable[[Sequence[Notice]], None] = _ignore
        self._closed = False
        self._inline = False
        self._turn: list[Job] = []
        self._writing = threading.Lock()
        self._committed: deque[Committed] = deque()  # not yet told; in the order of the commits, as whoever hears needs
        self._durability: Durability = durability
        self._connection = _connect(path, schema, durability)
        self._thread = threading.Thread(target=self._run, name="isthmus-store", daemon=True)
        self._thread.start()

    def attach(self, loop: Loop, listener: Callable[[Sequence[Notice]], None]) -> None:
        """Deliver callbacks and notices on `loop` from now on, the notices to `listener`."""
        self._listener = listener
        self._loop = loop
        self._inline = self._durability == "process"

    def submit(self, op: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `op(tx, *args)` and return a future of its result, done after the commit; from any thread."""
        future: Future[T] = Future()
        assert not kwargs
        self._put(Job(op, args, True, future, None))
        return future

    def post(
        self,
        callback: Callable[[Any, BaseException | None], None],
        op: Callable[..., Any],
        *args: Any,
        guard: bool = True,
    ) -> None:
        """Run `op(tx, *args)`; after the commit, `callback(result, error)` runs on the loop. Call it on the loop.

        `guard=False` saves a savepoint, for an operation of one statement, which fails as a whole by itself.
        """
        job = Job(op, args, guard, None, callback)
        if not self._inline or self._loop is None:
            self._put(job)
            return
        self._check_open()
        self._turn.append(job)
        if len(self._turn) == 1:
            self._loop.call_soon(self._end_turn)

    def close(self) -> None:
        """Commit what waits and close the file."""
        if not self._closed:
            self._end_turn()
            self._closed = True
            self._jobs.put(None)
            self._thread.join()

    def _put(self, job: Job) -> None:
        self._check_open()
        self._jobs.put(job)

    def _check_open(self) -> None:
        if self._closed:
            raise ServiceError("the store is closed: the app is stopping")

    def _end_turn(self) -> None:
        """Commit what this turn of the loop has posted, and tell of it."""
        jobs, self._turn = self._turn, []
        if jobs:
            self._write(jobs)
            self._tell_all()

    def _run(self) -> None:
        open_ = True
        while open_:
            batch = [self._jobs.get(), *(self._jobs.get_nowait() for _ in range(self._jobs.qsize()))]
            jobs = [job for job in batch if job is not None]
            open_ = len(jobs) == len(batch)
            if jobs:
                self._settle(self._write(jobs))
        self._connection.close()
        refused = ServiceError("the store is closed: the app is stopping")
        late = [job for job in (self._jobs.get_nowait() for _ in range(self._jobs.qsize())) if job is not None]
        self._settle(self._keep(Committed([Outcome(job, None, refused) for job in late], [])))

    def _write(self, jobs: Sequence[Job]) -> Committed:
        with self._writing:
            return self._keep(self._commit(jobs))

    def _keep(self, committed: Committed) -> Committed:
        """Let what somebody waits to be told wait behind what the other thread has committed before."""
        if committed.is_news:
            self._committed.append(committed)
        return committed

    def _commit(self, jobs: Sequence[Job]) -> Committed:
        tx = Transaction(self._connection, self._clock())
        outcomes: list[Outcome] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                outcomes.append(self._perform(tx, job))
            self._connection.execute("COMMIT")
        except BaseException as error:  # whatever it is, those who wait must hear of it
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            failure = ServiceError(f"the local store could not commit: {error}")
            failure.__cause__ = error
            return Committed([Outcome(job, None, failure) for job in jobs], [])
        return Committed(outcomes, tx.notices)

    def _perform(self, tx: Transaction, job: Job) -> Outcome:
        noted = len(tx.notices)
        if job.guard:
            tx.execute("SAVEPOINT op")
        try:
            result = job.op(tx, *job.args)
        except Exception as error:  # it belongs to the caller of this operation alone
            if not self._connection.in_transaction:
                raise  # a full disk, for one, rolls back everything that came before, too
            del tx.notices[noted:]
            if job.guard:
                tx.execute("ROLLBACK TO op")
                tx.execute("RELEASE op")
            return Outcome(job, None, error)
        if job.guard:
            tx.execute("RELEASE op")
        return Outcome(job, result, None)

    def _settle(self, committed: Committed) -> None:
        if self._loop is None:
            self._tell_all()
        elif committed.is_news:
            self._loop.call_soon_threadsafe(self._tell_all)
        for outcome in committed.outcomes:
            _resolve(outcome)

    def _tell_all(self) -> None:
        while self._committed:
            self._tell(*self._committed.popleft())

    def _tell(self, outcomes: Sequence[Outcome], notices: Sequence[Notice]) -> None:
        for outcome in outcomes:
            if outcome.job.callback is not None:
                outcome.job.callback(outcome.result, outcome.error)
        if notices:
            self._listener(notices)


def _resolve(outcome: Outcome) -> None:
    future = outcome.job.future
    if future is None or not future.set_running_or_notify_cancel():
        return
    if outcome.error is not None:
        future.set_exception(outcome.error)
    else:
        future.set_result(outcome.result)


def _connect(path: Path | str, schema: Iterable[str], durability: Durability) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={'FULL' if durability == 'power' else 'NORMAL'}")
    for statements in schema:
        connection.executescript(statements)
    return connection


def _ignore(_: Sequence[Notice]) -> None:
    """Hear no notices: nothing is attached yet."""
