"""What is asked of executions from outside: by linked clients, and by commands; each is an operation of the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from isthmus.declarations.workflow import Workflow
from isthmus.errors import InvalidValueError
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError
from isthmus.workflows.frames import Effect
from isthmus.workflows.interpreter.interpreter import Interpreter
from isthmus_local.store import execution_frames, execution_history, executions
from isthmus_local.store.database import Transaction
from isthmus_local.store.executions import StoredExecution
from isthmus_local.store.ledger import StoredLedger
from isthmus_local.workflow_steps import Steps


class Requests:
    """What may be asked of the executions of an app's workflows, besides to start one."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def stop(self, tx: Transaction, workflow: Workflow, execution: str, error: str, cause: str) -> None:
        """End an execution; one that has ended stays as it is."""
        stored = self.find(tx, workflow, execution)
        self._steps.step(tx, stored, lambda interpreter, ledger: interpreter.stop(ledger, error, cause))

    def redrive(self, tx: Transaction, workflow: Workflow, execution: str) -> None:
        """Let an execution that did not succeed go on from where it failed; `InvalidValueError` for any other."""
        stored = self.find(tx, workflow, execution)
        if stored.status in ("RUNNING", "SUCCEEDED") or stored.express:
            what = "of an express workflow" if stored.express else f"that is {stored.status}"
            raise InvalidValueError(f"an execution {what} cannot be redriven: only one that failed or was stopped")
        if tx.now - (stored.stopped or tx.now) > executions.REDRIVABLE:
            raise InvalidValueError("an execution can be redriven for 14 days after its end")
        executions.reopen(tx, stored.number)
        self._steps.step(
            tx, self._steps.known(tx, stored.number), lambda interpreter, ledger: interpreter.redrive(ledger)
        )

    def succeed(self, tx: Transaction, workflow: Workflow, token: str, output: str) -> None:
        """Complete the task that waits for a token."""
        result = json.loads(output)
        self._by_token(tx, workflow, token, lambda i, ledger, frame: i.succeed(ledger, frame, result, token=token))

    def fail(self, tx: Transaction, workflow: Workflow, token: str, error: str, cause: str) -> None:
        """Let the task that waits for a token fail."""
        self._by_token(tx, workflow, token, lambda i, ledger, frame: i.fail(ledger, frame, error, cause, token=token))

    def heartbeat(self, tx: Transaction, workflow: Workflow, token: str) -> None:
        """Take a sign of life of whoever has a token."""
        self._by_token(tx, workflow, token, lambda i, ledger, frame: i.heartbeat(ledger, frame, token=token))

    def _by_token(
        self,
        tx: Transaction,
        workflow: Workflow,
        token: str,
        act: Callable[[Interpreter, StoredLedger, int], Sequence[Effect]],
    ) -> None:
        place = execution_frames.by_token(tx, token)
        stored = executions.by_number(tx, place.execution) if place else None
        if place is None or stored is None or (stored.workflow, stored.status) != (workflow.name, "RUNNING"):
            raise TaskTokenError(token)
        waits = False

        def acted(interpreter: Interpreter, ledger: StoredLedger) -> Sequence[Effect]:
            nonlocal waits
            frame = ledger.frame(place.frame)
            waits = frame is not None and frame.waiting == "callback" and frame.token == token
            return act(interpreter, ledger, place.frame) if waits else ()

        self._steps.step(tx, stored, acted)
        if not waits:
            raise TaskTokenError(token)

    def describe(self, tx: Transaction, workflow: Workflow, execution: str) -> dict[str, Any]:
        """Return what has become of an execution; input and output are JSON as text."""
        stored = self.find(tx, workflow, execution)
        return {**summary(stored), **executions.outcome(tx, stored.number)._asdict()}

    def listed(
        self, tx: Transaction, workflow: Workflow, status: str | None, before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """Return the executions of a workflow, the newest first."""
        return [summary(stored) for stored in executions.listed(tx, workflow.name, status, before, limit)]

    def history(
        self, tx: Transaction, workflow: Workflow, execution: str, after: int, limit: int
    ) -> list[dict[str, Any]]:
        """Return events of an execution after the one of the number `after`, about `limit`."""
        return execution_history.read(tx, self.find(tx, workflow, execution).number, after, limit)

    def find(self, tx: Transaction, workflow: Workflow, execution: str) -> StoredExecution:
        """Return an execution by its id; `ExecutionNotFoundError` where the workflow has none of it."""
        of, _, name = execution.partition(":")
        stored = executions.by_name(tx, workflow.name, name) if of == workflow.name else None
        if stored is None:
            raise ExecutionNotFoundError(workflow.name, execution)
        return stored


def summary(stored: StoredExecution) -> dict[str, Any]:
    """Return what a row tells of an execution."""
    return {
        "id": stored.id,
        "name": stored.name,
        "status": stored.status,
        "started": stored.started,
        "stopped": stored.stopped,
        "redrives": stored.redrives,
        "number": stored.number,
    }
