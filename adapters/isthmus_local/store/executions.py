"""Executions of workflows: a small row each, which every step counts up, and apart from it what they were given.

What they wait for are frames (see `execution_frames`); what has happened is their history (see `execution_history`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from isthmus.workflows.frames import Ended, ExecutionStatus
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    workflow TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    express INTEGER NOT NULL,
    caller TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'RUNNING',
    started REAL NOT NULL,
    stopped REAL,
    redrives INTEGER NOT NULL DEFAULT 0,
    frames INTEGER NOT NULL DEFAULT 0,
    events INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS executions_by_name ON executions (workflow, name);
CREATE INDEX IF NOT EXISTS executions_of_workflow ON executions (workflow, number);
CREATE INDEX IF NOT EXISTS executions_that_run ON executions (workflow, number) WHERE status = 'RUNNING';
CREATE INDEX IF NOT EXISTS executions_that_ended ON executions (express, stopped) WHERE stopped IS NOT NULL;
CREATE INDEX IF NOT EXISTS executions_by_caller ON executions (caller) WHERE caller <> '';
CREATE TABLE IF NOT EXISTS execution_values (
    execution INTEGER PRIMARY KEY,
    input TEXT NOT NULL,
    output TEXT,
    error TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL DEFAULT ''
);
"""

RETENTION = 90 * 24 * 3600
"""How many seconds an execution that has ended is kept, as Step Functions keeps it: so long its name is taken.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

EXPRESS_RETENTION = 24 * 3600
"""The same for an express workflow's, of which the cloud keeps nothing: there may be very many."""

REDRIVABLE = 14 * 24 * 3600
"""How many seconds after its end an execution can be redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""


class StoredExecution(NamedTuple):
    """A row: `caller` is the token of the task that waits for its end, `frames` and `events` count all there were."""

    number: int
    workflow: str
    name: str
    digest: str
    express: bool
    caller: str
    status: ExecutionStatus
    started: float
    stopped: float | None
    redrives: int
    frames: int
    events: int

    @property
    def id(self) -> str:
        """Return by what others know it."""
        return execution_id(self.workflow, self.name)


class Outcome(NamedTuple):
    """What an execution was given and has come to: input and output are JSON as text."""

    input: str
    output: str | None
    error: str
    cause: str


_COLUMNS = ", ".join(StoredExecution._fields)


def execution_id(workflow: str, name: str) -> str:
    """Return the id of the execution of this name."""
    return f"{workflow}:{name}"


def add(
    tx: Transaction, workflow: str, name: str, *, digest: str, input: str, express: bool = False, caller: str = ""
) -> int:
    """Store a new execution and return its number."""
    number = tx.execute(
        "INSERT INTO executions (workflow, name, digest, express, caller, started) VALUES (?, ?, ?, ?, ?, ?)",
        (workflow, name, digest, express, caller, tx.now),
    ).lastrowid
    assert number is not None
    tx.execute("INSERT INTO execution_values (execution, input) VALUES (?, ?)", (number, input))
    return number


def by_number(tx: Transaction, number: int) -> StoredExecution | None:
    """Return an execution; None where there is none (any more)."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM executions WHERE number = ?", (number,)).fetchone()
    return StoredExecution(*row) if row else None


def by_name(tx: Transaction, workflow: str, name: str) -> StoredExecution | None:
    """Return the execution of a workflow that has this name; None where there is none (any more)."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM executions WHERE workflow = ? AND name = ?", (workflow, name)).fetchone()
    return StoredExecution(*row) if row else None


def listed(tx: Transaction, workflow: str, status: str | None, before: int | None, limit: int) -> list[StoredExecution]:
    """Return the executions of a workflow from the newest on: those of a `status`, and of numbers below `before`."""
    narrowed = "" if status is None else " AND status = :status"
    earlier = "" if before is None else " AND number < :before"
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM executions WHERE workflow = :workflow{narrowed}{earlier}"
        " ORDER BY number DESC LIMIT :limit",
        {"workflow": workflow, "status": status, "before": before, "limit": limit},
    )
    return [StoredExecution(*row) for row in rows]


def given(tx: Transaction, number: int) -> str:
    """Return the input of an execution, as JSON."""
    text: str = tx.execute("SELECT input FROM execution_values WHERE execution = ?", (number,)).fetchone()[0]
    return text


def outcome(tx: Transaction, number: int) -> Outcome:
    """Return what an execution was given and has come to."""
    row = tx.execute(
        "SELECT input, output, error, cause FROM execution_values WHERE execution = ?", (number,)
    ).fetchone()
    return Outcome(*row)


def count_up(tx: Transaction, number: int, frames: int, events: int) -> None:
    """Keep how many frames and events there were."""
    tx.execute("UPDATE executions SET frames = ?, events = ? WHERE number = ?", (frames, events, number))


def finish(tx: Transaction, number: int, ended: Ended, output: str | None) -> None:
    """Keep what an execution has come to; `output` is JSON."""
    tx.execute("UPDATE executions SET status = ?, stopped = ? WHERE number = ?", (ended.status, tx.now, number))
    tx.execute(
        "UPDATE execution_values SET output = ?, error = ?, cause = ? WHERE execution = ?",
        (output, _storable(ended.error), _storable(ended.cause), number),
    )


def reopen(tx: Transaction, number: int) -> None:
    """Let an execution that has ended run again."""
    tx.execute(
        "UPDATE executions SET status = 'RUNNING', stopped = NULL, redrives = redrives + 1 WHERE number = ?", (number,)
    )
    tx.execute("UPDATE execution_values SET output = NULL, error = '', cause = '' WHERE execution = ?", (number,))


def called_from(tx: Transaction, caller: str) -> StoredExecution | None:
    """Return the execution whose end a task waits for, by the task's token; None where there is none."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM executions WHERE caller = ? AND caller <> ''", (caller,)).fetchone()
    return StoredExecution(*row) if row else None


def untold(tx: Transaction) -> list[StoredExecution]:
    """Return the executions that have ended, and whose end a task still waits for."""
    columns = ", ".join(f"c.{name}" for name in StoredExecution._fields)
    rows = tx.execute(
        f"SELECT {columns} FROM execution_frames AS f CROSS JOIN executions AS c ON c.caller = f.token"
        " WHERE f.token <> '' AND c.caller <> '' AND c.status <> 'RUNNING'"
    ).fetchall()
    return [StoredExecution(*row) for row in rows]


def abandoned(tx: Transaction) -> list[StoredExecution]:
    """Return the executions that run, and that a task has started which waits for their end no more.

    One that was redriven runs for whoever has done that.
    """
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM executions WHERE status = 'RUNNING' AND caller <> '' AND redrives = 0 AND NOT EXISTS"
        " (SELECT 1 FROM execution_frames AS f CROSS JOIN executions AS e ON e.number = f.execution"
        " WHERE f.token <> '' AND f.token = executions.caller AND f.waiting = 'task' AND e.status = 'RUNNING')"
    ).fetchall()
    return [StoredExecution(*row) for row in rows]


def running(tx: Transaction) -> dict[str, int]:
    """Return how many executions of each workflow run."""
    rows: list[tuple[str, int]] = tx.execute(
        "SELECT workflow, count(*) FROM executions WHERE status = 'RUNNING' GROUP BY workflow"
    ).fetchall()
    return dict(rows)


PARTS = ("values", "frames", "frame_data", "joins", "items", "outputs", "history")
"""The tables of what belongs to an execution, each with a column `execution`."""


def prune(tx: Transaction, limit: int) -> int:
    """Forget executions that ended long enough ago, at most `limit` of each kind; returns how many."""
    rows: list[Any] = []
    for express, retention in ((0, RETENTION), (1, EXPRESS_RETENTION)):
        rows += tx.execute(
            "SELECT number FROM executions WHERE express = ? AND stopped IS NOT NULL AND stopped < ?"
            " ORDER BY stopped LIMIT ?",
            (express, tx.now - retention, limit),
        ).fetchall()
    for part in PARTS:
        tx.executemany(f"DELETE FROM execution_{part} WHERE execution = ?", rows)
    tx.executemany("DELETE FROM executions WHERE number = ?", rows)
    return len(rows)


def _storable(text: str) -> str:
    """Return a text as the store takes it: half of a surrogate pair is no character, whoever has written it."""
    return text.encode(errors="replace").decode()
