"""A stack of a true engine: its state in a folder, its provider a plugin that makes everything in an emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROJECT = """name: orders
runtime: {{name: python, options: {{virtualenv: {environment}}}}}
main: {main}
plugins: {{providers: [{{name: {provider}, path: {plugin}}}]}}
"""

_OURS = ("AWS_", "GOOGLE_", "PULUMI_", "XDG_")


class EngineStack:
    """The stack `name` of the project in `folder`, whose program is `main`.

    `plugin` is the folder of the provider, `config` the stack's configuration, and `variables` lead to the emulator.
    The program is told `app` and, by a command's `change`, what a test changes about it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        main: Path,
        plugin: Path,
        config: Mapping[str, str],
        variables: Mapping[str, str],
        app: str = "orders",
    ) -> None:
        self.name = name
        self.app = app
        self._folder = folder
        self._variables = variables
        (folder / "state").mkdir(parents=True)
        provider = name.partition("-")[0]
        project = {"environment": sys.prefix, "main": main, "provider": provider, "plugin": plugin}
        (folder / "Pulumi.yaml").write_text(_PROJECT.format(**project))
        self.do("stack", "init", name)
        for key, value in config.items():
            self.do("config", "set", key, value)

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
            **self._variables,
        }
