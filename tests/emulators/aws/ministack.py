"""A ministack of one's own: an AWS in a process, on a free port of the loopback, that ends with whoever started it.

`python -m tests.emulators.aws.ministack` runs one by hand until Ctrl-C. In a test module or a conftest:

    from tests.emulators.aws.ministack import ministack  # noqa: F401 (a fixture)

    def test_a_queue(ministack: Ministack) -> None:
        ministack.reset()
        queue = ministack.client("sqs").create_queue(QueueName="a")
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.tools import need

ROOT = Path(__file__).parents[3]

ENVIRONMENT = ROOT / ".venv" / "emulators" / "ministack"
"""Where `make test` installs it: an environment of its own, for it pins its own botocore."""

ACCOUNT = "123456789012"
REGION = "us-east-1"

_MAKING = threading.Lock()
"""botocore makes clients for one thread at a time."""

# It ends, with all that it started, when the pipe to whoever started it breaks: also after a SIGKILL.
_LAUNCH = """
import os, shutil, signal, sys, threading

def watch():
    sys.stdin.buffer.read()
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    os.killpg(0, signal.SIGKILL)

threading.Thread(target=watch, daemon=True).start()
sys.path.append(sys.argv.pop())
from tests.emulators.aws.corrections.table import apply
from ministack.app import main
apply()
main()
"""


class Ministack:
    """A running ministack, its address, and how to reach and to end it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self._process = process
        self.folder = folder
        self._clients: dict[str, Any] = {}
        self.port = port
        self.account = ACCOUNT
        self.region = REGION

    @property
    def endpoint(self) -> str:
        """The URL that `AWS_ENDPOINT_URL` takes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process, which leads a process group of its own."""
        return self._process.pid

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with which any AWS SDK reaches it."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **self.credentials}

    @property
    def credentials(self) -> Mapping[str, str]:
        """The variables with the account's keys and its region."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text(errors="replace")

    def client(self, service: str) -> Any:
        """Return the botocore client of a service, made once; botocore's own retries are off."""
        if service not in self._clients:
            self._clients[service] = client(service, self.endpoint)
        return self._clients[service]

    def reset(self) -> None:
        """Forget everything: about 15 ms."""
        status, body = self._ask("POST", "/_ministack/reset")
        if status != 200:
            raise RuntimeError(f"ministack could not reset: {status} {body!r}")

    def stop(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # it keeps nothing that a slower end would save
        self._process.wait(timeout=20)
        if self._process.stdin:
            self._process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._ask("GET", "/_ministack/ready")[0] == 200
        except OSError:
            return False

    def has_ended(self) -> bool:
        """Whether its process is gone."""
        return self._process.poll() is not None

    def _ask(self, method: str, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def client(service: str, endpoint: str, **options: Any) -> Any:
    """Return a botocore client of a service at `endpoint`, with credentials that only an emulator takes."""
    config_of: Any = import_module("botocore.config").Config  # botocore has no types of its own
    config = config_of(retries={"max_attempts": 0}, inject_host_prefix=False, max_pool_connections=32)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", **options}
    with _MAKING:
        return _session().create_client(service, region_name=REGION, endpoint_url=endpoint, config=config, **keys)


@cache
def _session() -> Any:
    """Return the botocore session whose clients share what they have read of the services' models."""
    return import_module("botocore.session").Session()


def start(*, auth: bool = False, variables: Mapping[str, str] | None = None) -> Ministack:
    """Start a ministack and wait until it answers; `auth` makes it enforce the policies of roles.

    Without it the test is skipped, or fails where `CI` is true: `make test` installs it.
    """
    python = need("python", folder=ENVIRONMENT / "bin", named="ministack")
    log = ""
    for _ in range(5):  # somebody else may take the port between the look and the start
        server = _launch(python, {"AUTH": str(auth).lower(), **(variables or {})})
        if _is_up(server):
            return server
        log = server.log
        server.stop()
    raise RuntimeError(f"ministack did not start:\n{log}")


@contextmanager
def running(*, auth: bool = False, variables: Mapping[str, str] | None = None) -> Generator[Ministack]:
    """Run a ministack for the length of a `with` block."""
    server = start(auth=auth, variables=variables)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def ministack() -> Generator[Ministack]:
    """One ministack for all tests of the session that share it: each calls `reset()`, or takes names of its own."""
    with running() as server:
        yield server


def _launch(python: str, variables: Mapping[str, str]) -> Ministack:
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="isthmus-ministack-"))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-c", _LAUNCH, str(ROOT)],
            cwd=folder,
            env={**_variables(port, folder), **variables},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Ministack(process, port, folder)


def _variables(port: int, folder: Path) -> dict[str, str]:
    """Return its whole environment: of the developer's own, where AWS keys may be, nothing but the PATH."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",  # it hands this on to the functions that it runs
        "AWS_EC2_METADATA_DISABLED": "true",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _is_up(server: Ministack) -> bool:
    limit = time.monotonic() + 30
    while time.monotonic() < limit and not server.has_ended():
        if server.is_ready():
            return True
        time.sleep(0.02)
    return False


def _main() -> None:
    with running() as server, suppress(KeyboardInterrupt):
        for name, value in server.environment.items():
            print(f"export {name}={value}", flush=True)
        signal.pause()


if __name__ == "__main__":
    _main()
