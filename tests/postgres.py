"""A PostgreSQL server for the tests that need a real one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tools import need


@contextmanager
def server() -> Generator[str]:
    """Run a new, empty server on a free port of the loopback and give its connection string."""
    initdb, postgres = need("initdb"), need("postgres")
    run_as: dict[str, Any] = {"user": "nobody"} if os.geteuid() == 0 else {}  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="isthmus-postgres-"))
    if run_as:
        shutil.chown(folder, **run_as)
    options: dict[str, Any] = {
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.PIPE,
        "text": True,
        **run_as,
    }
    try:
        subprocess.run(
            [initdb, "-D", folder / "data", "-U", "isthmus", "-A", "trust", "--no-sync"], check=True, **options
        )
        port = _free_port()
        command = [postgres, "-D", str(folder / "data"), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"]
        with subprocess.Popen(command, **options) as process:
            try:
                _wait(port, process)
                yield f"host=127.0.0.1 port={port} user=isthmus dbname=postgres"
            finally:
                process.terminate()
                process.communicate(timeout=20)
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[str]) -> None:
    import psycopg

    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"postgres ended: {process.communicate()[1]}")
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=isthmus dbname=postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("postgres did not answer within 10 s")
