"""What a Parallel or a Map has while it waits: counts, the items still to come, and the outputs so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isthmus.workflows.frames import Join
from isthmus_local.store.database import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS execution_joins (
    execution INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    total INTEGER NOT NULL,
    concurrency INTEGER NOT NULL,
    iterates INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    tolerated INTEGER,
    share REAL,
    PRIMARY KEY (execution, frame)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS execution_items (
    execution INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    place INTEGER NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (execution, frame, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS execution_outputs (
    execution INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    place INTEGER NOT NULL,
    output TEXT NOT NULL,
    PRIMARY KEY (execution, frame, place)
) WITHOUT ROWID;
"""

_FIELDS = ("frame", "total", "concurrency", "iterates", "started", "ended", "failed", "tolerated", "share")
_SELECT = f"SELECT {', '.join(_FIELDS)} FROM execution_joins WHERE execution = ? AND frame = ?"
_WRITE = f"INSERT OR REPLACE INTO execution_joins (execution, {', '.join(_FIELDS)}) VALUES (?{', ?' * len(_FIELDS)})"


def read(tx: Transaction, execution: int, frame: int) -> Join | None:
    """Return the join of a frame."""
    row = tx.execute(_SELECT, (execution, frame)).fetchone()
    if row is None:
        return None
    values = dict(zip(_FIELDS, row, strict=True))
    return Join(**{**values, "iterates": bool(values["iterates"])})


def write(tx: Transaction, execution: int, join: Join) -> None:
    """Keep a join."""
    tx.execute(_WRITE, (execution, *(getattr(join, field) for field in _FIELDS)))


def spread(tx: Transaction, execution: int, frame: int, items: Iterable[str]) -> None:
    """Keep the items of a Map, each as JSON."""
    rows = ((execution, frame, place, item) for place, item in enumerate(items))
    tx.executemany("INSERT OR REPLACE INTO execution_items VALUES (?, ?, ?, ?)", rows)


def item(tx: Transaction, execution: int, frame: int, place: int) -> str:
    """Return an item of a Map; `LookupError` where there is none."""
    row = tx.execute(
        "SELECT item FROM execution_items WHERE execution = ? AND frame = ? AND place = ?", (execution, frame, place)
    ).fetchone()
    if row is None:
        raise LookupError(f"frame {frame} of execution {execution} has no item {place}")
    text: str = row[0]
    return text


def give(tx: Transaction, outputs: Iterable[tuple[int, int, int, str]]) -> None:
    """Keep outputs: execution, the parent's frame, the place in it, and the output as JSON."""
    tx.executemany("INSERT OR REPLACE INTO execution_outputs VALUES (?, ?, ?, ?)", outputs)


def outputs(tx: Transaction, execution: int, frame: int) -> list[str]:
    """Return the outputs of the frames below one, each as JSON, in the order of their places."""
    rows = tx.execute(
        "SELECT output FROM execution_outputs WHERE execution = ? AND frame = ? ORDER BY place", (execution, frame)
    )
    return [output for (output,) in rows]


def forget(tx: Transaction, execution: int, frames: Sequence[int]) -> None:
    """Forget joins, items and outputs of frames."""
    gone = [(execution, frame) for frame in frames]
    for table in ("joins", "items", "outputs"):
        tx.executemany(f"DELETE FROM execution_{table} WHERE execution = ? AND frame = ?", gone)
