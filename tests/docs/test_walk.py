"""The walk through the reference app in the README, typed into a shell as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks
from tests.tools import need


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a server that runs a copy of the reference app."""
    for folder in ("functions", "infra"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    port = free_port()
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "isthmus"), "dev", "--port", str(port)],
        cwd=tmp_path,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        wait_for(port, server, tmp_path / "log")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        log.close()


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/orders", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"no answer within 30 s\n{log.read_text()}")


def steps() -> Iterator[tuple[str, str]]:
    """Yield each command of the README's console blocks, and what is to come back."""
    for block in blocks(ROOT / "README.md", "console"):
        for step in block.text.split("$ ")[1:]:
            command, _, answer = step.partition("\n")
            yield command, answer.strip()


def pattern(answer: str) -> str:
    """Return the answer as a regular expression: `…` stands for anything, in one line or several."""
    return "[^\0]*".join(re.escape(part) for part in answer.split("…"))


def test_the_walk_of_the_readme_goes_as_it_says(port: int, tmp_path: Path) -> None:
    need("curl")
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    wrong: list[str] = []
    for command, answer in steps():
        typed = command.replace("localhost:8000", f"localhost:{port}")
        run = subprocess.run(
            ["bash", "-c", typed],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if not re.fullmatch(pattern(answer), run.stdout.strip()):
            wrong.append(f"$ {command}\nexpected: {answer}\n     got: {run.stdout.strip()}{run.stderr}")

    assert wrong == [], "\n".join(wrong)
