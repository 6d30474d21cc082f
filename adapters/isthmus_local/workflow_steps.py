"""The steps of executions: whatever happens to one is a transaction, and what it brings about comes after the commit.

A step opens the ledger of an execution, lets the interpreter do its part, writes what has changed, and tells of the
effects in a notice, which only a step that was committed gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from isthmus.declarations.workflow import Workflow
from isthmus.envelope import new_id
from isthmus.workflows.frames import Call, Continue, Effect, Ended, HistoryEvent
from isthmus.workflows.interpreter.interpreter import Interpreter
from isthmus.workflows.states_error import RUNTIME, StatesError
from isthmus.workflows.tape import drawn
from isthmus_local import workflow_children as children
from isthmus_local.store import execution_frames, executions, workflow_definitions
from isthmus_local.store.database import Transaction
from isthmus_local.store.execution_frames import Debt, Place
from isthmus_local.store.executions import StoredExecution
from isthmus_local.store.ledger import Numbers, StoredLedger
from isthmus_local.store.parsed_data import ParsedData
from isthmus_local.workflow_children import Child
from isthmus_local.workflow_programs import TURNS, Program, Programs

TOPIC = "workflow"
"""The topic of the notices that tell of effects."""

PRUNED = 1000
"""How many executions of a kind are forgotten at once."""

AGAIN = "TaskScheduledAgain"
"""The event of a task that is called once more because the app ended before its outcome was known: ours alone."""

Act: TypeAlias = Callable[[Interpreter, StoredLedger], Sequence[Effect]]
"""What a step lets the interpreter do."""


class News(NamedTuple):
    """What a step has come to: `owed` numbers its calls by their frames, `repeated` counts how often they were made."""

    stored: StoredExecution
    program: Program
    effects: Sequence[Effect]
    owed: Mapping[int, int]
    repeated: int = 0


class Recalled(NamedTuple):
    """What is owed still: the number of the last that was looked at, and whether there may be more."""

    news: Sequence[News]
    last: int
    more: bool


class Steps:
    """The steps of all executions of an app: each method but the first is an operation of the store."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._parsed = ParsedData()
        self._numbers = Numbers()
        self.booted = 0

    def prepare(self, tx: Transaction) -> Mapping[str, int]:
        """Take over what an earlier run left; returns how many executions run of workflows that are declared no more.

        Those stay as they are, and go on when their workflow is declared again.
        """
        workflow_definitions.keep(tx, self._programs.current.values())
        self._numbers.pass_over(execution_frames.last_owed(tx))
        declared = list(self._programs.workflows)
        execution_frames.set_aside(tx, declared)
        execution_frames.assign(tx, self._lanes(tx))
        self.booted = self._numbers()
        for child in executions.untold(tx):  # it has ended while the workflow that waits for it was not declared
            self._hand_back(tx, child)
        for child in executions.abandoned(tx):  # the app has ended between a stop and what that brings about
            self.stop_child(tx, child.caller)
        return {name: count for name, count in executions.running(tx).items() if name not in declared}

    def _lanes(self, tx: Transaction) -> list[tuple[str, int, int]]:
        """Return the lanes that have changed with the declaration since calls came to be owed."""
        moved: list[tuple[str, int, int]] = []
        for debtor in execution_frames.debtors(tx):
            if debtor.workflow in self._programs.workflows:
                program = self._programs.of(tx, debtor.workflow, debtor.digest)
                lane = program.lane_of(debtor.machine, debtor.state, debtor.waiting)
                if lane != debtor.lane:
                    moved.append((lane, debtor.execution, debtor.frame))
        return moved

    def prune(self, tx: Transaction) -> None:
        """Forget what has had its time."""
        if executions.prune(tx, PRUNED):
            workflow_definitions.prune(tx, self._programs.current.values())

    def start(
        self, tx: Transaction, workflow: Workflow, input: str, name: str | None = None, *, caller: str = ""
    ) -> str:
        """Start an execution and return its id: that of the first one, whatever its state, where the name is taken.

        So it is where Step Functions has an `ExecutionAlreadyExists` answered, for another input too.
        """
        known = executions.by_name(tx, workflow.name, name) if name is not None else None
        if known is not None:
            return known.id
        digest = self._programs.current[workflow.name].digest
        number = executions.add(
            tx,
            workflow.name,
            name or drawn("id", new_id),
            digest=digest,
            input=input,
            express=workflow.express,
            caller=caller,
        )
        self.step(tx, self.known(tx, number), lambda interpreter, ledger: interpreter.begin(ledger))
        return self.known(tx, number).id

    # from the engine

    def proceed(self, tx: Transaction, place: Place) -> None:
        """Go on with a frame whose turn it is."""
        execution_frames.take(tx, place, TURNS)
        self._at(tx, place, lambda interpreter, ledger: interpreter.proceed(ledger, place.frame))

    def wake(self, tx: Transaction, place: Place) -> None:
        """Do what is due for a frame."""
        if not self._at(tx, place, lambda interpreter, ledger: interpreter.wake(ledger, place.frame)):
            execution_frames.not_due(tx, place)

    def done(self, tx: Transaction, place: Place, token: str, result: Any) -> None:
        """Take the result of a call."""
        self._at(tx, place, lambda i, ledger: i.succeed(ledger, place.frame, result, token=token))

    def failed(self, tx: Transaction, place: Place, token: str, error: str, cause: str) -> None:
        """Take the failure of a call."""
        self._at(tx, place, lambda i, ledger: i.fail(ledger, place.frame, error, cause, token=token))

    def called(self, tx: Transaction, place: Place, token: str) -> None:
        """Keep that a call was made whose task waits for its token now."""
        execution_frames.settled(tx, place, token)

    def start_child(self, tx: Transaction, place: Place, child: Child) -> None:
        """Start the execution that a task asks for, unless an earlier call of that task has.

        The end of the one that the task waits for is a step of both: so neither can be lost without the other.
        """
        waits = child.task.pattern == "sync"
        known = executions.by_name(tx, child.workflow.name, child.name)
        if known is not None and child.named:
            text = f"Execution Already Exists: '{known.id}'"
            self.failed(tx, place, child.token, children.taken(child.task), text)
            return
        if known is None:
            caller = child.token if waits else ""
            self.start(tx, child.workflow, child.input, child.name, caller=caller)
        if waits:
            execution_frames.settled(tx, place, child.token)
        else:
            started = executions.by_name(tx, child.workflow.name, child.name)
            assert started is not None
            self.done(tx, place, child.token, children.started(child.task, started))

    def stop_child(self, tx: Transaction, token: str) -> None:
        """End the execution that a task has waited for, which nobody waits for any more."""
        stored = executions.called_from(tx, token)
        if stored is not None and stored.status == "RUNNING":
            self.step(tx, stored, lambda interpreter, ledger: interpreter.stop(ledger, "", children.STOPPED))

    def _hand_back(self, tx: Transaction, child: StoredExecution) -> None:
        """Tell the task that waits for an execution what that has come to."""
        place = execution_frames.by_token(tx, child.caller)
        stored = executions.by_number(tx, place.execution) if place else None
        if place is None or stored is None:
            return
        ended, come_to = self.known(tx, child.number), executions.outcome(tx, child.number)

        def act(interpreter: Interpreter, ledger: StoredLedger) -> Sequence[Effect]:
            frame = ledger.frame(place.frame)
            task = self._programs.of(tx, stored.workflow, stored.digest).task(frame) if frame else None
            if task is None:
                return ()
            try:
                result = children.result(task, ended, come_to)
            except StatesError as failed:
                return interpreter.fail(ledger, place.frame, failed.error, failed.cause, token=child.caller)
            return interpreter.succeed(ledger, place.frame, result, token=child.caller)

        self.step(tx, stored, act)

    def broken(self, tx: Transaction, number: int, cause: str) -> None:
        """End an execution that cannot go on, whatever the reason: nothing may hang."""
        stored = executions.by_number(tx, number)
        if stored is not None and stored.status == "RUNNING":
            ended = Ended("FAILED", error=RUNTIME, cause=cause)
            executions.finish(tx, number, ended, None)
            execution_frames.rest(tx, number)
            program = self._programs.of(tx, stored.workflow, stored.digest)
            tx.notify(TOPIC, News(stored, program, [ended], {}))
            if stored.caller:
                self._hand_back(tx, stored)

    def recall(self, tx: Transaction, lane: str, after: int, limit: int) -> Recalled:
        """Tell anew what a lane is owed, from the number `after` on: of turns, what an earlier run of the app left."""
        debts = execution_frames.owed(tx, lane, after, limit)
        wanted = [debt for debt in debts if lane != TURNS or debt.owed < self.booted]
        news = [found for debt in wanted if (found := self._recalled_or_broken(tx, debt))]
        return Recalled(news, debts[-1].owed if debts else after, len(wanted) == limit)

    def _recalled_or_broken(self, tx: Transaction, debt: Debt) -> News | None:
        """Return what is owed to a frame; one that cannot be read ends its execution, and holds up nobody else."""
        try:
            return self._recalled(tx, debt)
        except Exception as error:
            self.broken(tx, debt.execution, f"{type(error).__name__}: {error}")
            return None

    def _recalled(self, tx: Transaction, debt: Debt) -> News:
        stored = self.known(tx, debt.execution)
        program, ledger = self._open(tx, stored)
        effects = program.interpreter.resume(ledger, debt.frame)
        call = next((effect for effect in effects if isinstance(effect, Call)), None)
        repeated = debt.repeated
        if debt.owed < self.booted and call is not None:
            repeated += 1
            execution_frames.repeat(tx, Place(debt.execution, debt.frame))
            details = {"resource": call.resource, "attempt": call.attempt + repeated}
            ledger.record(HistoryEvent(AGAIN, tx.now, debt.frame, call.state, details))
            ledger.flush()
        return News(stored, program, effects, {debt.frame: debt.owed}, repeated)

    # one step

    def _at(self, tx: Transaction, place: Place, act: Act) -> bool:
        stored = executions.by_number(tx, place.execution)
        return stored is not None and self.step(tx, stored, act)

    def step(self, tx: Transaction, stored: StoredExecution, act: Act) -> bool:
        """Let the interpreter act on an execution; returns whether anything is to be brought about.

        Nothing is done to one of a workflow that is declared no more.
        """
        if stored.workflow not in self._programs.workflows:
            return False
        program, ledger = self._open(tx, stored)
        effects = act(program.interpreter, ledger)
        for effect in effects:
            if isinstance(effect, Continue):
                ledger.owe_turn(effect.frame, TURNS)
            elif isinstance(effect, Ended):
                ledger.finish(effect)
        ledger.flush()
        if effects:
            tx.notify(TOPIC, News(stored, program, effects, ledger.owed))
        if stored.caller and any(isinstance(effect, Ended) for effect in effects):
            self._hand_back(tx, stored)
        return bool(effects)

    def _open(self, tx: Transaction, stored: StoredExecution) -> tuple[Program, StoredLedger]:
        program = self._programs.of(tx, stored.workflow, stored.digest)
        ledger = StoredLedger(tx, stored, parsed=self._parsed, numbers=self._numbers, lane=program.lane)
        return program, ledger

    def known(self, tx: Transaction, number: int) -> StoredExecution:
        """Return an execution that there is."""
        stored = executions.by_number(tx, number)
        assert stored is not None
        return stored
