"""Steps that the store cannot commit: they are taken again, and nothing is lost."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from isthmus import App
from isthmus_local.store.database import Transaction
from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import one, task


def test_a_result_that_the_store_does_not_take_is_offered_again(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def declare(app: App) -> None:
        app.workflow("Work", one(task("held")))

    laptop = run(declare)
    execution = laptop.resource("Work").start({})
    laptop.value("PRAGMA busy_timeout = 0")
    while not handlers.calls:
        time.sleep(0.001)
    (file,) = tmp_path.glob("*.db")
    with caplog.at_level(logging.ERROR, "isthmus.local"):
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        handlers.gate.set()
        while "a workflow's step is not stored" not in caplog.text:
            time.sleep(0.001)
        other.execute("ROLLBACK")
        other.close()
    laptop.advance(1)

    assert laptop.resource("Work").describe(execution).output == "let go"
    assert len(handlers.calls) == 1


def test_a_start_that_was_not_committed_leaves_nothing_to_the_next_one(run: Run) -> None:
    def declare(app: App) -> None:
        app.workflow("Work", one(task("held", Parameters={"given.$": "$$.Execution.Input.n"})))

    laptop = run(declare)
    work: Any = laptop.workflow("Work")

    def lost(tx: Transaction) -> None:
        laptop.runtime.steps.start(tx, work, '{"n": "of the lost one"}')
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        laptop.do(lost)
    execution = laptop.resource("Work").start({"n": "mine"})
    while not handlers.calls:
        time.sleep(0.001)
    handlers.gate.set()
    laptop.settle()

    assert handlers.calls[0][1] == {"given": "mine"}
    assert laptop.resource("Work").describe(execution).status == "SUCCEEDED"
