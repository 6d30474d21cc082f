"""A function under the real functions framework, and the processor time that its processes have taken."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.http import ROOT, await_port, free_port

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FRONT = (
    f"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\ntraceparent: {TRACE}\r\nForwarded: for=192.0.2.7\r\n"
)
"""What Google's front adds to a request."""


@contextmanager
def serving(source: Path, environment: Mapping[str, str]) -> Generator[Callable[[str, int], float]]:
    """Serve `handle` of a file, and give what sends a request so many times and returns seconds of CPU for each."""
    port = free_port()
    path = os.pathsep.join(str(ROOT / folder) for folder in (".", "src", "adapters"))
    variables = {**os.environ, "PYTHONPATH": path, "HOST": "127.0.0.1", "PORT": str(port), "THREADS": "8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "functions_framework", "--target=handle", f"--source={source}"],
        env={**variables, **environment},
    )
    try:
        await_port(port)
        yield lambda request, count: _cost(process.pid, port, request.encode("latin-1"), count)
    finally:
        process.terminate()
        process.wait(10)


def _cost(pid: int, port: int, request: bytes, count: int) -> float:
    before = _taken(pid)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(count):
            connection.sendall(request)
            _read(connection)
    return (_taken(pid) - before) / count


def _read(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)


def _taken(pid: int) -> float:
    """Return the seconds of CPU of a process and its children, to the nanosecond: Linux keeps that by thread."""
    folders = [Path(f"/proc/{pid}"), *(Path(f"/proc/{child}") for child in _children(pid))]
    threads = [thread for folder in folders for thread in folder.glob("task/*/schedstat")]
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
