"""A deployed app, as `isthmus invoke`, `send` and their like reach it: see `isthmus.tool_ports.RunningApp`."""

from __future__ import annotations

from functools import cached_property

from isthmus import running_app
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.declarations.workflow import Workflow
from isthmus_aws.deployed_app import DeployedApp
from isthmus_aws.running_executions import Executions


class RunningApp(running_app.RunningApp):
    """The app that is deployed on `target`, in the account that this computer is signed in to."""

    def __init__(self, app: App, target: Target) -> None:
        super().__init__(app, lambda: self._reached)
        self._target = target

    def workflow(self, name: str) -> Executions:
        """Return the executions of a workflow."""
        declared = self._declared(Workflow, name)
        return Executions(declared, self._reached.client(declared), self._reached.services)

    @cached_property
    def _reached(self) -> DeployedApp:
        return DeployedApp(self._app, self._target)
