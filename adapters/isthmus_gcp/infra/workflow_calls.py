"""How the tasks of a declared workflow are called where it is deployed: every address is known from names."""

from __future__ import annotations

from isthmus.declarations.app import App
from isthmus.declarations.target import Target as Deployment
from isthmus.declarations.workflow import Workflow
from isthmus.wiring import workflow_targets
from isthmus.workflows.definition import State
from isthmus.workflows.names import Target
from isthmus.workflows.tasks import Task
from isthmus_gcp.function_address import address
from isthmus_gcp.infra.integrations import function_name, integrates
from isthmus_gcp.names import physical_name
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.targets import Call, FunctionCall, HttpCall, IntegrationCall, TopicPublish, WorkflowStart


class WorkflowCalls:
    """What each task of one workflow calls, on a target."""

    def __init__(self, workflow: Workflow, app: App, target: Deployment) -> None:
        self._workflow = workflow
        self._app = app
        self._target = target
        self._found = {found.state.pointer: found for found in workflow_targets(workflow)}

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for; `UnportableError` says why it stands for nothing."""
        found = self._found[state.pointer]
        if found.task is None or found.fault:
            raise UnportableError(found.fault)
        return found.task

    def call(self, state: State, task: Task) -> Call:
        """Return how it is called; `UnportableError` says why it cannot be."""
        found = self._found[state.pointer]
        if integrates(found):
            return IntegrationCall(self._address(function_name(self._workflow)), found.resource.name)
        if task.kind == "function":
            return FunctionCall(self._address(found.resource.name))
        if task.kind in ("queue", "topic"):
            return TopicPublish(f"projects/{self._target.account}/topics/{self._physical(found)}")
        if task.kind == "workflow":
            return WorkflowStart(f"{self._place}/workflows/{self._physical(found)}")
        if task.kind == "http":
            return HttpCall()
        raise UnportableError(f"Workflows cannot call {'an' if task.kind[:1] == 'a' else 'a'} {task.kind}")

    @property
    def _place(self) -> str:
        return f"projects/{self._target.account}/locations/{self._target.region}"

    def _address(self, function: str) -> str:
        name = physical_name(self._app, self._target, "function", function)
        return address(self._target.account, self._target.region, name)

    def _physical(self, found: Target) -> str:
        return physical_name(self._app, self._target, found.resource.kind, found.resource.name)
