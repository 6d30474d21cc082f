"""A deployed app, as `isthmus invoke`, `send` and their like reach it: see `isthmus.tool_ports.RunningApp`."""

from __future__ import annotations

from isthmus import running_app
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus_gcp.deployed_app import DeployedApp


class RunningApp(running_app.RunningApp):
    """The app that is deployed on `target`, in the project that this computer is signed in to."""

    def __init__(self, app: App, target: Target) -> None:
        super().__init__(app, lambda: DeployedApp(app, target))
