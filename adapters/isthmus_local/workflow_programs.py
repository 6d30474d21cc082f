"""The programs of an app's workflows: definitions made ready to run, the declared ones and those that still run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from isthmus.declarations.resource import Resource
from isthmus.declarations.workflow import Workflow
from isthmus.errors import InvalidValueError
from isthmus.workflows.definition import Definition, Machine, State, parse
from isthmus.workflows.frames import Call, Frame
from isthmus.workflows.interpreter.interpreter import Interpreter
from isthmus.workflows.names import Names
from isthmus.workflows.resource_uris import UnmappedResourceError, known_as, named
from isthmus.workflows.tasks import Task
from isthmus_local.store import workflow_definitions
from isthmus_local.store.database import Transaction
from isthmus_local.store.workflow_definitions import Digested, digested

EXPRESS_SECONDS = 300
"""How long an execution of an express workflow may take.

https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

TURNS, POOL, CHILDREN = ">turns", ">pool", ">children"
"""The lanes of what waits for no function: for a turn of its own, for an integration, for another workflow's end."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a task calls: `resource` is the declared one, None for what is none, such as HTTP."""

    task: Task
    resource: Resource | None


class Program:
    """One definition of one workflow."""

    def __init__(self, workflow: Workflow, digest: str, document: Any, names: Names, now: Callable[[], float]) -> None:
        self.workflow = workflow
        self.digest = digest
        definition = parse(document)
        self.interpreter = Interpreter(definition, now=now)
        self._names = names
        self._states = _states(definition)
        self._lane = cache(self._lane_of)
        self._plain: dict[str, Called] = {}

    def called(self, call: Call) -> Called:
        """Return what a call is of; `InvalidValueError` where that is nothing which the app declares."""
        known = self._plain.get(call.resource)
        if known is None:
            known = self._called(call.resource, call.arguments)
            if known.task.name:  # otherwise the arguments name it, and others may name another
                self._plain[call.resource] = known
        return known

    def _called(self, uri: str, arguments: Any) -> Called:
        task = self._names.task(uri)
        said = named(task, arguments)
        if not said:
            return Called(task, None)
        resource = self.find(said)
        known = known_as(task, resource.kind)
        if known.kind != resource.kind:
            raise InvalidValueError(f"{said[:200]!r} is a {resource.kind}, where a {known.kind} is called")
        return Called(known, resource)

    def task(self, frame: Frame) -> Task | None:
        """Return what the Task that a frame is in asks for; None where it is in none."""
        state = self._states.get((frame.machine, frame.state))
        return self._names.task_of(state) if state is not None and state.type == "Task" else None

    def lane(self, frame: Frame) -> str:
        """Return where a frame that is owed something waits for it."""
        return self.lane_of(frame.machine, frame.state, frame.waiting)

    def lane_of(self, machine: str, state: str, waiting: str) -> str:
        """Return the same of a frame that is not at hand."""
        return self._lane(machine, state) if waiting in ("task", "callback") else TURNS

    def find(self, said: str) -> Resource:
        """Return the declared resource that the document calls so; `UnmappedResourceError` where there is none."""
        resource = self._names.find(said)
        if not isinstance(resource, Resource):
            raise UnmappedResourceError(f"nothing is declared (any more) that {said[:200]!r} stands for")
        return resource

    def _lane_of(self, machine: str, name: str) -> str:
        """Return the lane of a state by what its document says: the arguments are not known here."""
        state = self._states.get((machine, name))
        if state is None or state.type != "Task":
            return POOL
        arguments = state.fields.get("Arguments" if state.language == "JSONata" else "Parameters")
        try:
            called = self._called(str(state.fields.get("Resource")), arguments)
        except InvalidValueError:
            return POOL
        return lane_of(called)


def lane_of(called: Called) -> str:
    """Return the lane of what is called."""
    task, resource = called.task, called.resource
    if task.kind == "workflow" and task.pattern != "callback":
        return CHILDREN
    return resource.name if resource is not None and task.kind == "function" else POOL


class Programs:
    """The programs by workflow and digest; one that is not declared any more is read when somebody asks."""

    def __init__(self, resources: Iterable[Resource], now: Callable[[], float]) -> None:
        self._resources: Sequence[Resource] = list(resources)
        self._now = now
        self._made: dict[tuple[str, str], Program] = {}
        self.workflows = {resource.name: resource for resource in self._resources if isinstance(resource, Workflow)}
        self.current: Mapping[str, Digested] = {
            name: digested(_document(workflow)) for name, workflow in self.workflows.items()
        }

    def of(self, tx: Transaction, workflow: str, digest: str) -> Program:
        """Return a program; `LookupError` where the workflow is not declared (any more)."""
        program = self._made.get((workflow, digest))
        if program is None:
            declared = self.workflows.get(workflow)
            if declared is None:
                raise LookupError(f"workflow {workflow!r} is not declared any more")
            names = Names(declared.bind, self._resources)
            document = workflow_definitions.read(tx, digest)
            program = self._made[workflow, digest] = Program(declared, digest, document, names, self._now)
        return program


def _document(workflow: Workflow) -> Mapping[str, Any]:
    """Return the document that executions of a workflow run by."""
    document: dict[str, Any] = dict(workflow.parsed.document) if workflow.parsed else {"StartAt": "", "States": {}}
    if not workflow.express:
        return document
    limit = document.get("TimeoutSeconds")
    seconds = min(limit, EXPRESS_SECONDS) if isinstance(limit, int) and limit > 0 else EXPRESS_SECONDS
    return {**document, "TimeoutSeconds": seconds}


def _states(definition: Definition) -> Mapping[tuple[str, str], State]:
    found: dict[tuple[str, str], State] = {}
    waiting: list[Machine] = [definition.root]
    while waiting:  # without recursion: a document may be nested at will
        machine = waiting.pop()
        found.update({(machine.pointer, name): state for name, state in machine.states.items()})
        waiting.extend(inner for state in machine.states.values() for inner in state.machines)
    return found
