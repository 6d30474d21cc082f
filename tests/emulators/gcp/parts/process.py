"""A server in a process of its own, that prints its address as its first line and ends with whoever started it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[4]

PROGRAMS = ROOT / ".venv" / "emulators" / "bin"
"""Where `make test` puts the parts that it builds."""

PATIENCE = 30.0
"""Seconds that a server has to answer from its start: on a busy machine the first of them go by in reading its file."""


class Server:
    """A running server: where it listens, what it has written, and how to end it."""

    def __init__(self, command: Sequence[str], *, named: str, variables: Mapping[str, str] | None = None) -> None:
        """Start `command`, with nothing of this process's environment but the PATH, and wait for its address."""
        self.folder = Path(tempfile.mkdtemp(prefix=f"isthmus-{named}-"))
        self._log = self.folder / "log"
        with self._log.open("wb") as log, self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**_environment(self.folder), **(variables or {})},
                stdin=subprocess.PIPE,  # it ends when this breaks: also after a SIGKILL of this process
                stdout=output,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.address = self._wait(named)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Its process, which leads a process group of its own."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far, besides its address."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End it and all that it started; more than once does no harm."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # it keeps nothing that a slower end would save
            self._process.wait(timeout=20)
        if self._process.stdin:
            self._process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _output(self) -> Path:
        return self.folder / "output"

    def _wait(self, named: str) -> str:
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and self._process.poll() is None:
            line, newline, _ = self._output.read_text().partition("\n")
            if newline:
                return line
            time.sleep(0.01)
        raise RuntimeError(f"{named} did not start:\n{self.log}")


def _environment(folder: Path) -> dict[str, str]:
    """Return its whole environment: of the developer's own, where credentials may be, nothing but the PATH."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
