"""The portable profile: what a definition may have, so that it means the same on Google Workflows.

Refused by name are JSONata, heartbeats, activities, items from elsewhere than the state's input and batches of them,
results that are written elsewhere, `.sync` of anything but workflows, services without a resource that stands for them,
names for executions that are started, and what breaks a documented limit (`limits`). That siblings of a failed branch
finish first is no fault of a definition, but a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.workflows.definition import Definition, State
from isthmus.workflows.resource_uris import task_of
from isthmus.workflows.tasks import Task
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.refusal import Fault, RefusedError, UnportableError
from isthmus_gcp.workflow.targets import (
    Call,
    FunctionCall,
    HttpCall,
    IntegrationCall,
    Targets,
    TopicPublish,
    WorkflowStart,
)


def problems(definition: Definition, targets: Targets | None = None) -> Sequence[Fault]:
    """Return all that keeps a definition from Google Workflows, each with the pointer of its state.

    Without `targets`, it is looked at as if all that its tasks call were there.
    """
    try:
        compile_workflow(definition, StandIns() if targets is None else targets)
    except RefusedError as error:
        return error.faults
    return ()


class StandIns:
    """Targets for a definition by itself: whatever an app can declare is there."""

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for; `UnportableError` where nothing in an app can stand for it."""
        try:
            return task_of(state)
        except ValueError as error:
            raise UnportableError(str(error)) from error

    def call(self, state: State, task: Task) -> Call:
        """Return how it would be called."""
        if task.kind == "activity":
            raise UnportableError("activities are polled for work: let the task call a function, or wait for a token")
        if task.kind == "http":
            return HttpCall(authorized=True)
        if task.kind == "workflow":
            return WorkflowStart("projects/p/locations/l/workflows/w")
        if task.integrated and task.kind != "function":
            return IntegrationCall("https://integrations.example", task.kind)
        if task.kind in ("queue", "topic"):
            return TopicPublish("projects/p/topics/t")
        return FunctionCall("https://function.example")
