"""One instance of a function: the real functions-framework in a process and an environment of its own.

- Its environment is what was deployed, and what the platform adds: `PORT`, `K_SERVICE`, `K_REVISION`,
  `K_CONFIGURATION`, `FUNCTION_TARGET`, `FUNCTION_SIGNATURE_TYPE`.
  https://cloud.google.com/run/docs/configuring/services/environment-variables#reserved_environment_variables
- It is ready when something listens on its port; until then requests wait.
  https://cloud.google.com/run/docs/container-contract#port
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.emulators.gcp import runtime

PATIENCE = 60.0
"""Seconds that an instance has to listen. Cloud Run waits for 240."""


class StartError(Exception):
    """An instance did not start; what it wrote is the message."""


class Instance:
    """A process that answers requests on a port of its own."""

    def __init__(self, bundle: Path, target: str, variables: Mapping[str, str]) -> None:
        self.busy = 0
        self.used = time.monotonic()
        self.ready: asyncio.Task[None] | None = None
        self.port = _free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="isthmus-instance-"))
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                runtime.command(target),
                cwd=bundle,
                env={**self._own(target), **variables},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its first process, which leads a process group."""
        return self._process.pid

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it has written so far."""
        with suppress(FileNotFoundError):
            return (self._folder / "log").read_text(errors="replace")
        return ""

    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process.poll() is not None

    async def listening(self) -> None:
        """Return once it listens."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and not self.has_ended():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
        raise StartError(self.log or "the instance does not listen on PORT")

    def kill(self) -> None:
        """Kill it as it stands."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(timeout=20)

    def stop(self) -> str:
        """End it and all that it started, and return what it has written."""
        self.kill()
        if self._process.stdin:
            self._process.stdin.close()
        written = self.log
        shutil.rmtree(self._folder, ignore_errors=True)
        return written

    def _own(self, target: str) -> dict[str, str]:
        """Return what every process needs, and what the platform says; of this process's environment the PATH alone."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "PORT": str(self.port),
            "FUNCTION_TARGET": target,
            "FUNCTION_SIGNATURE_TYPE": "http",
            "PYTHONDONTWRITEBYTECODE": "1",  # the bundle's folder is that of all instances
            "PYTHONUNBUFFERED": "1",
        }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
