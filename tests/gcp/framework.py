"""The real functions framework, in a process of its own, with one of our functions in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx

from isthmus.links import VARIABLE, Identity, encode

MAIN = """
import os
from isthmus import links
from isthmus.invocations import Invocations
from isthmus_gcp.web import Web
known = links.decode(os.environ["ISTHMUS"])
web = Web(known, Invocations(known), None)
def handle(request):
    return web.answer(request)
"""
"""What a deployed bundle's `main.py` comes to."""

_ROOT = Path(__file__).parents[2]


class Framework:
    """A function served by `functions-framework` under gunicorn, for the length of a `with` block; `log` is its own.

    `threads` is how many requests it handles at once, as the deployed `THREADS`.
    """

    def __init__(
        self, identity: Identity, *, threads: int = 8, environment: Mapping[str, str] | None = None, main: str = MAIN
    ) -> None:
        self._identity = identity
        self._environment = {"THREADS": str(threads), **(environment or {})}
        self._main = main

    def __enter__(self) -> Self:
        with ExitStack() as ending:
            folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
            self._path = folder / "log"
            log = ending.enter_context(self._path.open("wb"))
            source = folder / "main.py"
            source.write_text(self._main)
            self.port = _free_port()
            command = [sys.executable, "-m", "functions_framework", "--target", "handle", "--source", str(source)]
            self._process = subprocess.Popen(command, env=self._variables(), cwd=folder, stdout=log, stderr=log)
            ending.callback(self._end)
            self.client = ending.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30))
            self._wait()
            self._ending = ending.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        """The process that the platform would stop."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self._path.read_text()

    def _variables(self) -> dict[str, str]:
        path = os.pathsep.join([str(_ROOT), str(_ROOT / "src"), str(_ROOT / "adapters")])
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ours = {VARIABLE: encode(self._identity), "PORT": str(self.port), "HOST": "127.0.0.1", "PYTHONPATH": path}
        return {**kept, **ours, **self._environment}

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"functions-framework did not start:\n{self.log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
