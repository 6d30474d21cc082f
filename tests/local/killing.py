"""What the kill tests share: clients that place orders, and a server that dies and comes back."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from types import ModuleType
from typing import Any, ClassVar

from tests.local import kill_app
from tests.local.test_dev import descendants
from tests.local.test_pool import is_alive

PATIENCE = 10.0
"""Seconds within which every request is answered, or its connection breaks."""


class Clients:
    """Threads that place orders one after the other; `accepted` are those whose 201 was read.

    A file comes with some: it is among `files` once the handler that puts it has answered, or its upload has.
    """

    def __init__(self, port: int, count: int, *, poison_every: int = 100) -> None:
        self.sent: dict[str, dict[str, Any]] = {}
        self.accepted: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.outcomes: Counter[str] = Counter()
        self._port = port
        self._poison_every = poison_every
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(f"c{number}",)) for number in range(count)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_until_served(self, seconds: float = 20) -> None:
        """Wait until one more order is accepted."""
        before = len(self.accepted)
        until = time.monotonic() + seconds
        while len(self.accepted) == before:
            assert time.monotonic() < until, f"nothing is accepted any more: {dict(self.outcomes)}"
            time.sleep(0.002)

    def _run(self, client: str) -> None:
        chance = random.Random(client)
        number = 0
        while not self._stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            try:
                connection.connect()
                while not self._stop.is_set():
                    number += 1
                    self._place(connection, self._order(client, number, chance))
            except (OSError, http.client.HTTPException) as error:
                self.outcomes[type(error).__name__] += 1
                time.sleep(0.01)
            finally:
                connection.close()

    def place(self, mood: str) -> None:
        """Place one order."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        self._place(connection, {**self._order("single", 1, random.Random(0)), "mood": mood})
        connection.close()

    def _order(self, client: str, number: int, chance: random.Random) -> dict[str, Any]:
        mood = chance.choice(kill_app.MOODS) if chance.random() * self._poison_every < 1 else ""
        size = chance.randint(1, 30) if chance.random() < 0.05 else 0
        return {
            "id": f"{client}-{number:07d}",
            "client": client,
            "n": number,
            "mood": "" if mood == "even" and number % 2 else mood,
            "size": size,
            "note": "é" * chance.randint(0, 300),
        }

    def _place(self, connection: http.client.HTTPConnection, order: dict[str, Any]) -> None:
        self.sent[order["id"]] = order
        connection.request("POST", "/orders", json.dumps(order).encode(), {"content-type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        self.outcomes[str(response.status)] += 1
        if response.status == 201 and (told := json.loads(answer))["id"] == order["id"]:
            self.accepted[order["id"]] = order
            if not order["size"] or self._upload(connection, told.get("upload"), order):
                self.files[order["id"]] = order

    def _upload(self, connection: http.client.HTTPConnection, address: str | None, order: dict[str, Any]) -> bool:
        if address is None:
            return True
        connection.request("PUT", "/" + address.split("/", 3)[3], kill_app.content(order))
        response = connection.getresponse()
        response.read()
        self.outcomes[f"upload {response.status}"] += 1
        return response.status == 200


class Server:
    """An app's server on one state and one port, again and again: `start`, `kill`, and in the end `stop`.

    `app` is its declaration, and `fused` the server that a fuse can end.
    """

    app: ClassVar[ModuleType] = kill_app
    fused: ClassVar[str] = "tests.local.kill_server"

    def __init__(self, folder: Path, *, durability: str = "process") -> None:
        self.folder = folder
        self.state = folder / ".isthmus" / "kill"
        self.port = free_port()
        self.witness = folder / "witness"
        self.orphans = 0
        self._durability = durability
        self._log = (folder / "log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self._declaration = f"{self.app.__name__.rpartition('.')[2]}.py"
        copy(str(self.app.__file__), folder / self._declaration)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def start(self, *fuse: str, real: bool = False) -> None:
        """Spawn it; `real` is `isthmus dev` itself, else the smaller server with a `fuse`."""
        dev = ["-c", "from isthmus.cli import main; main()", "dev", "--app", self._declaration, "--stage", "kill"]
        dev += ["--port", str(self.port), "--durability", self._durability]
        own = ["-m", self.fused, str(self.state), str(self.port), self._durability, *fuse]
        paths = [path for path in (os.environ.get("PYTHONPATH"), str(Path(__file__).parents[2])) if path]
        self._process = subprocess.Popen(
            [sys.executable, *(dev if real else own)],
            cwd=self.folder,
            env={**os.environ, "WITNESS": str(self.witness), "PYTHONPATH": os.pathsep.join(paths)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_until_ready(self, seconds: float = 20) -> bool:
        """Return True as soon as it answers; False where it has ended before."""
        until = time.monotonic() + seconds
        while self.is_alive:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
                connection.request("GET", "/_isthmus/health")
                if connection.getresponse().status == 200:
                    connection.close()
                    return True
            assert time.monotonic() < until, f"not ready: {self.folder / 'log'}"
            time.sleep(0.005)
        return False

    def wait_for_end(self, seconds: float) -> bool:
        """Return whether it has ended by itself within some time."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.is_alive

    def workers(self) -> list[int]:
        assert self._process is not None
        for _ in range(20):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # one ended while it was being looked at
                return sorted(descendants(self._process.pid))
        return []

    def some_worker(self, chance: random.Random, seconds: float = 20) -> int | None:
        """Wait until a worker runs and return one; None where the server has ended before.

        An order is accepted as soon as its row is there, so a server may be served that has no worker yet, or none any
        more: those of a round before are ended with it.
        """
        until = time.monotonic() + seconds
        while self.is_alive:
            if workers := self.workers():
                return chance.choice(workers)
            assert time.monotonic() < until, f"no worker: {self.folder / 'log'}"
            time.sleep(0.005)
        return None

    def age(self, worker: int) -> float:
        """Return for how many seconds a worker has lived; 0.0 where it does no more."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            begun = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[19])
            return time.clock_gettime(time.CLOCK_BOOTTIME) - begun / os.sysconf("SC_CLK_TCK")
        return 0.0

    def worker(self, function: str) -> int:
        """Return the process id of the one worker of a function."""
        name = f'"{function}"'.encode()
        (found,) = [worker for worker in self.workers() if name in Path(f"/proc/{worker}/environ").read_bytes()]
        return found

    def lines(self) -> list[list[str]]:
        """Return what was handled, in order: what it was, which one, and which attempt."""
        return [line.split("\t") for line in self.witness.read_text().splitlines()] if self.witness.exists() else []

    def wait_for_lines(self, kind: str, count: int, seconds: float = 20) -> None:
        """Wait until so many of a kind were begun."""
        until = time.monotonic() + seconds
        while sum(line[0] == kind for line in self.lines()) < count:
            assert time.monotonic() < until, f"{self.lines()}; {self.folder / 'log'}"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, if it has not ended; and see to it that its workers end, too."""
        assert self._process is not None
        workers = self.workers()
        self._process.kill()
        code = self._process.wait()
        assert code == -signal.SIGKILL, f"it ended by itself with {code}: {self.folder / 'log'}"
        until = time.monotonic() + 2
        while any(is_alive(worker) for worker in workers):
            if time.monotonic() > until:
                self.orphans += sum(is_alive(worker) for worker in workers)
                return
            time.sleep(0.002)

    def stop(self) -> None:
        """Ask it to stop, and wait for it."""
        assert self._process is not None
        workers = self.workers()
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0
        self.orphans += sum(is_alive(worker) for worker in workers)

    def get(self, path: str) -> bytes:
        status, body = 0, b""
        for _ in range(20):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                status, body = response.status, response.read()
            finally:
                connection.close()
            if status == 200:
                return body
            time.sleep(0.5)  # after workers were killed at their start, the function is thought broken for a moment
        raise AssertionError(f"{path}: {status} {body!r}")

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = json.loads(self.get(f"/rows/{table}" + (f"?cursor={cursor}" if cursor else "")))
            yield from page["items"]
            cursor = page["cursor"]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.state / "state.db", timeout=20)) as connection:
            return connection.execute(sql).fetchall()

    def wait_until_drained(self, seconds: float) -> float:
        """Wait until nothing waits but dead letters; returns how long it took."""
        begun = time.monotonic()
        while left := self._backlog():
            assert time.monotonic() < begun + seconds, f"not drained: {left}; {self.folder / 'log'}"
            time.sleep(0.2)
        return time.monotonic() - begun

    def _backlog(self) -> list[tuple[Any, ...]]:
        waiting = self.query("SELECT queue, count(*) FROM messages WHERE queue NOT LIKE '%DeadLetters' GROUP BY queue")
        unread = self.query(
            "SELECT r.log, count(*) FROM log_records AS r LEFT JOIN log_positions AS p"
            " ON p.log = r.log AND p.shard = r.shard WHERE r.sequence > coalesce(p.sequence, 0) GROUP BY r.log"
        )
        return waiting + unread


def free_port() -> int:
    """Return a port that no client's own end of a connection can take between two servers."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


def kill_process(process: int) -> None:
    """End a process at once, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
