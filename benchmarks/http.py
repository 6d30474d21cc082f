"""Requests per second through isolated workers, against functions-framework and the same handler in one process.

`wrk` (a Debian package) makes the load: 16 connections from one thread.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import in_turns, ratio, verdict

ROOT = Path(__file__).parent.parent
ROUNDS = 5
SECONDS = 2

FUNCTIONS_FRAMEWORK = """
import functions_framework
from flask import jsonify

@functions_framework.http
def get_user(request):
    return jsonify({"id": request.path.rsplit("/", 1)[1], "q": request.args.get("a")})
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int) -> Generator[Callable[[], float]]:
    """Run a server and give what measures its requests per second."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_port(port)
        yield lambda: _load(port)
    finally:
        process.terminate()
        process.wait(10)


def await_port(port: int) -> None:
    """Wait until somebody listens on a port."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}")


def _load(port: int) -> float:
    url = f"http://127.0.0.1:{port}/users/42?a=1"
    command = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", url]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    return float(found[1]) if found else 0.0


def main() -> bool:
    """Print the ratios."""
    if shutil.which("wrk") is None:
        print("http: not measured, for want of wrk (apt-get install wrk)")
        return False
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "main.py"
        source.write_text(FUNCTIONS_FRAMEWORK)
        theirs, inside, ours = free_port(), free_port(), free_port()
        framework = [peers.python(), "-m", "functions_framework", "--target=get_user", f"--source={source}"]
        uvicorn = [sys.executable, "-m", "uvicorn", "benchmarks.in_process:app", "--port", str(inside)]
        dev = [str(Path(sys.executable).parent / "isthmus"), "dev", "--app=benchmarks/app.py:app", "--stage=bench"]
        with (
            serving([*framework, "--host=127.0.0.1", f"--port={theirs}"], theirs) as functions_framework,
            serving([*uvicorn, "--log-level=warning", "--no-access-log", "--loop=uvloop"], inside) as in_process,
            serving([*dev, f"--port={ours}"], ours) as isolated,
        ):
            rates = in_turns(
                {"functions-framework": functions_framework, "in-process": in_process, "isthmus": isolated}, ROUNDS
            )
    print("http: " + ", ".join(f"{name} {max(values):,.0f} req/s" for name, values in rates.items()))
    met = verdict("isolated / functions-framework", ratio(rates["isthmus"], rates["functions-framework"]), at_least=6)
    return verdict("isolated / in-process", ratio(rates["isthmus"], rates["in-process"]), at_least=0.6) and met


if __name__ == "__main__":
    sys.exit(not main())
