"""The frames of executions: what each waits for, in a row that changes often and is small, and its data apart.

A row says by two columns what the engine must do: `due`, when it is to be woken, and `owed`, that somebody still has to
be called for it, in the order in which that came up; `lane` says who. Both are indexes of what waits, so that waiting
costs no memory. A frame's data is written only where it has changed: `revision` says which one a row goes with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from isthmus.workflows.frames import Frame
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS execution_frames (
    execution INTEGER NOT NULL,
    id INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    place INTEGER NOT NULL,
    machine TEXT NOT NULL,
    state TEXT NOT NULL,
    entered REAL NOT NULL,
    attempts TEXT NOT NULL,
    retries INTEGER NOT NULL,
    waiting TEXT NOT NULL,
    until REAL,
    deadline REAL,
    missed REAL,
    expires REAL,
    heartbeat REAL,
    token TEXT NOT NULL,
    revision INTEGER NOT NULL,
    due REAL,
    owed INTEGER,
    lane TEXT,
    repeated INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS execution_frames_below ON execution_frames (execution, parent);
CREATE INDEX IF NOT EXISTS execution_frames_due ON execution_frames (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS execution_frames_owed ON execution_frames (lane, owed) WHERE lane IS NOT NULL;
CREATE INDEX IF NOT EXISTS execution_frames_by_token ON execution_frames (token) WHERE token <> '';
CREATE TABLE IF NOT EXISTS execution_frame_data (
    execution INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (execution, id)
);
"""


class Place(NamedTuple):
    """Where a row stands: the execution's number and the frame's id."""

    execution: int
    frame: int


class Debt(NamedTuple):
    """A call that is owed: `repeated` says how often it was owed by an earlier run of the app."""

    execution: int
    frame: int
    owed: int
    repeated: int


class FrameRow(NamedTuple):
    """A row, besides the frame itself: which data goes with it, and what the engine must do."""

    frame: Frame
    revision: int
    owed: int | None = None
    lane: str | None = None
    repeated: int = 0


_OWN = (
    *("machine", "state", "id", "parent", "place", "entered", "attempts", "retries"),
    *("waiting", "until", "deadline", "missed", "expires", "heartbeat", "token"),
)
_WRITTEN = (*_OWN, "revision", "due", "owed", "lane", "repeated", "execution")
_SELECT = f"SELECT {', '.join(_OWN)}, revision, owed, lane, repeated FROM execution_frames"
_INSERT = f"INSERT INTO execution_frames ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))})"
_CHANGED = tuple(name for name in _WRITTEN if name not in ("id", "parent", "place", "execution"))
_UPDATE = f"UPDATE execution_frames SET {', '.join(f'{name} = ?' for name in _CHANGED)} WHERE execution = ? AND id = ?"


def read(tx: Transaction, place: Place) -> FrameRow | None:
    """Return a frame, without its data; None where there is none."""
    row = tx.execute(f"{_SELECT} WHERE execution = ? AND id = ?", place).fetchone()
    if row is None:
        return None
    machine, state, id, parent, index, entered, attempts, retries, waiting, *times = row[: len(_OWN)]
    until, deadline, missed, expires, heartbeat, token = times
    frame = Frame(
        machine=machine,
        state=state,
        input=None,
        id=id,
        parent=parent,
        index=index,
        entered=entered,
        attempts=json.loads(attempts) if attempts != "{}" else {},
        retries=retries,
        waiting=waiting,
        until=until,
        deadline=deadline,
        missed=missed,
        expires=expires,
        heartbeat=heartbeat,
        token=token,
    )
    return FrameRow(frame, *row[len(_OWN) :])


def write(tx: Transaction, execution: int, row: FrameRow, *, new: bool) -> None:
    """Keep a frame, without its data."""
    frame = row.frame
    own = (
        frame.entered,
        json.dumps(frame.attempts) if frame.attempts else "{}",
        frame.retries,
        frame.waiting,
        frame.until,
        frame.deadline,
        frame.missed,
        frame.expires,
        frame.heartbeat,
        frame.token,
        row.revision,
        frame.until,
        row.owed,
        row.lane,
        row.repeated,
    )
    if new:
        tx.execute(_INSERT, (frame.machine, frame.state, frame.id, frame.parent, frame.index, *own, execution))
    else:
        tx.execute(_UPDATE, (frame.machine, frame.state, *own, execution, frame.id))


def read_data(tx: Transaction, place: Place) -> str:
    """Return the data of a frame, as JSON."""
    row = tx.execute("SELECT data FROM execution_frame_data WHERE execution = ? AND id = ?", place).fetchone()
    text: str = row[0]
    return text


def write_data(tx: Transaction, place: Place, data: str) -> None:
    """Keep the data of a frame."""
    tx.execute("INSERT OR REPLACE INTO execution_frame_data (execution, id, data) VALUES (?, ?, ?)", (*place, data))


def remove(tx: Transaction, places: Iterable[Place]) -> None:
    """Forget frames, with their data."""
    for place in places:
        tx.execute("DELETE FROM execution_frames WHERE execution = ? AND id = ?", place)
        tx.execute("DELETE FROM execution_frame_data WHERE execution = ? AND id = ?", place)


def below(tx: Transaction, execution: int, parent: int) -> list[int]:
    """Return the ids of the frames below one, at any depth; of all of the execution for 0, the root first."""
    if parent == 0:
        rows = tx.execute("SELECT id FROM execution_frames WHERE execution = ? ORDER BY id", (execution,))
    else:
        rows = tx.execute(
            "WITH RECURSIVE under (id) AS (SELECT id FROM execution_frames WHERE execution = ?1 AND parent = ?2"
            " UNION ALL SELECT f.id FROM under JOIN execution_frames AS f ON f.execution = ?1 AND f.parent = under.id)"
            " SELECT id FROM under ORDER BY id",
            (execution, parent),
        )
    return [id for (id,) in rows]


def by_token(tx: Transaction, token: str) -> Place | None:
    """Return which frame a token belongs to."""
    if not token:
        return None
    row = tx.execute("SELECT execution, id FROM execution_frames WHERE token = ?", (token,)).fetchone()
    return Place(*row) if row else None


def due(tx: Transaction, limit: int) -> tuple[list[Place], float | None]:
    """Return the frames to be woken now, at most `limit`, and when the one after them is due."""
    rows = tx.execute(
        "SELECT execution, id, due FROM execution_frames WHERE due IS NOT NULL ORDER BY due LIMIT ?", (limit + 1,)
    ).fetchall()
    ripe = [Place(execution, id) for execution, id, at in rows[:limit] if at <= tx.now]
    return ripe, rows[len(ripe)][2] if len(ripe) < len(rows) else None


def owed(tx: Transaction, lane: str, after: int, limit: int) -> list[Debt]:
    """Return the calls of a lane that came up after the one of the number `after`, at most `limit`."""
    rows = tx.execute(
        "SELECT execution, id, owed, repeated FROM execution_frames WHERE lane = ? AND owed > ? ORDER BY owed LIMIT ?",
        (lane, after, limit),
    )
    return [Debt(*row) for row in rows]


def last_owed(tx: Transaction) -> int:
    """Return the greatest number that a call which is owed has."""
    last: int = tx.execute("SELECT coalesce(max(owed), 0) FROM execution_frames WHERE owed IS NOT NULL").fetchone()[0]
    return last


def settled(tx: Transaction, place: Place, token: str) -> None:
    """Keep that a call is owed no more: the task now waits for its token."""
    tx.execute(
        "UPDATE execution_frames SET owed = NULL, lane = NULL WHERE execution = ? AND id = ? AND token = ?",
        (*place, token),
    )


def not_due(tx: Transaction, place: Place) -> None:
    """Keep that there is nothing to wake a frame for now, whatever it was."""
    tx.execute("UPDATE execution_frames SET due = NULL WHERE execution = ? AND id = ? AND due <= ?", (*place, tx.now))


def owe(tx: Transaction, place: Place, owed: int, lane: str) -> None:
    """Keep that a frame is owed something."""
    tx.execute("UPDATE execution_frames SET owed = ?, lane = ? WHERE execution = ? AND id = ?", (owed, lane, *place))


def take(tx: Transaction, place: Place, lane: str) -> None:
    """Keep that a frame has what it waited for in a lane."""
    tx.execute(
        "UPDATE execution_frames SET owed = NULL, lane = NULL WHERE execution = ? AND id = ? AND lane = ?",
        (*place, lane),
    )


def repeat(tx: Transaction, place: Place) -> None:
    """Count that a call is owed once more: nobody knows how far the one before has come."""
    tx.execute("UPDATE execution_frames SET repeated = repeated + 1 WHERE execution = ? AND id = ?", place)


def rest(tx: Transaction, execution: int) -> None:
    """Let nothing be done for the frames of an execution: it has ended."""
    tx.execute("UPDATE execution_frames SET due = NULL, owed = NULL, lane = NULL WHERE execution = ?", (execution,))


def set_aside(tx: Transaction, declared: Sequence[str]) -> None:
    """Let everything that waits be done for the workflows that are declared, and nothing for the others."""
    among = f"IN ({', '.join('?' * len(declared))})"
    of = "execution IN (SELECT number FROM executions WHERE status = 'RUNNING' AND workflow"
    tx.execute(f"UPDATE execution_frames SET due = until WHERE due IS NOT until AND {of} {among})", declared)
    tx.execute(f"UPDATE execution_frames SET due = NULL, lane = NULL WHERE {of} NOT {among})", declared)


class Debtor(NamedTuple):
    """A frame that is owed something: its place, what it runs, for what it waits, and its lane so far."""

    execution: int
    frame: int
    machine: str
    state: str
    waiting: str
    workflow: str
    digest: str
    lane: str | None


def debtors(tx: Transaction) -> list[Debtor]:
    """Return each frame of a running execution that is owed something."""
    rows = tx.execute(
        "SELECT f.execution, f.id, f.machine, f.state, f.waiting, e.workflow, e.digest, f.lane"
        " FROM execution_frames AS f JOIN executions AS e ON e.number = f.execution"
        " WHERE f.owed IS NOT NULL AND e.status = 'RUNNING'"
    )
    return [Debtor(*row) for row in rows]


def assign(tx: Transaction, lanes: Iterable[tuple[str, int, int]]) -> None:
    """Keep in which lane calls wait: each with the execution and the frame."""
    tx.executemany("UPDATE execution_frames SET lane = ? WHERE execution = ? AND id = ?", list(lanes))
