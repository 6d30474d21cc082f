"""A stack of a true engine: its state in a folder, its provider the emulator's plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.emulators.aws import plugin
from tests.emulators.aws.deploy import session
from tests.emulators.aws.ministack import Ministack

_PROJECT = """name: orders
runtime: {{name: python, options: {{virtualenv: {environment}}}}}
main: {main}
plugins: {{providers: [{{name: aws, path: {plugin}}}]}}
"""

_OURS = ("AWS_", "PULUMI_", "XDG_")

_PROGRAM = Path(__file__).parent / "program"


class Stack:
    """The stack `name` of the project in `folder`, which deploys `app` into `server`: see `program`."""

    def __init__(self, name: str, folder: Path, server: Ministack, app: str = "orders") -> None:
        self.name = name
        self.app = app
        self.server = server
        self._folder = folder
        (folder / "state").mkdir(parents=True)
        project = {"environment": sys.prefix, "main": _PROGRAM, "plugin": plugin.folder(folder / "plugin")}
        (folder / "Pulumi.yaml").write_text(_PROJECT.format(**project))
        self.do("stack", "init", name)
        self.do("config", "set", "aws:region", server.region)

    def do(self, *command: str, change: str = "", fails: bool = False) -> str:
        """Run a command of the engine and return what it says; `change` is the program's, see there."""
        run = subprocess.run(
            ["pulumi", *command, "--non-interactive"],
            cwd=self._folder,
            env=self._environment(change),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = run.stdout + run.stderr
        if (run.returncode != 0) != fails:
            raise AssertionError(f"pulumi {' '.join(command)} returned {run.returncode}:\n{said}")
        return said

    def up(self, *, change: str = "", fails: bool = False) -> str:
        """Deploy, after a preview as everybody gets one."""
        return self.do("up", "--yes", change=change, fails=fails)

    def outputs(self) -> Mapping[str, Any]:
        """Return the outputs of the last deployment."""
        found: Mapping[str, Any] = json.loads(self.do("stack", "output", "--json"))
        return found

    def _environment(self, change: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return {
            **inherited,  # how an installer reaches its index: a proxy, certificates
            "HOME": str(self._folder),
            "PULUMI_HOME": str(self._folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self._folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "APP": self.app,
            "CHANGE": change,
            plugin.RUNTIME: str(session(self.server).runtime),
            **self.server.environment,
        }
