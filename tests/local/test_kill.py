"""What was acknowledged survives `kill -9` at any moment: of the server, of workers, of both."""

from __future__ import annotations

import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local import kill_app
from tests.local.kill_account import Account
from tests.local.kill_server import POINTS
from tests.local.killing import Clients, Server, kill_process

SEED = 7
"""Change it to look elsewhere: the moments of the kills, and what is killed, follow from it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.close()


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, durability="power")
    yield server
    server.close()


class Rounds:
    """Kills the server in one way after the other, while clients place orders."""

    def __init__(self, server: Server, clients: Clients) -> None:
        self.kills: Counter[str] = Counter()
        self._server = server
        self._clients = clients
        self._chance = random.Random(SEED)

    def run(self, count: int) -> None:
        """Kill it `count` times."""
        print(f"\nseed {SEED}")
        ways = (self._at_start, self._at_a_point, self._at_any_time, self._at_a_point, self._at_any_time)
        begun = time.monotonic()
        with self._clients:
            for number in range(count):
                self.kills[ways[number % len(ways)](number // 2)] += 1
                self._server.kill()
        print(f"{count} kills in {time.monotonic() - begun:.0f} s: {dict(sorted(self.kills.items()))}")

    def _at_start(self, _: int) -> str:
        self._server.start(real=self._chance.random() < 0.3)
        self._server.wait_for_end(self._chance.uniform(0, 0.6))
        return "at the start"

    def _at_a_point(self, number: int) -> str:
        point = POINTS[number % len(POINTS)]
        rare = point in {"sweep", "fail", "bury", "park", "file"}
        self._server.start(point, str(1 if rare else int(2 ** self._chance.uniform(0, 7))))
        return f"at {point}" if self._server.wait_for_end(2.5) else f"not at {point}"

    def _at_any_time(self, number: int) -> str:
        real = number % 8 == 0
        self._server.start(real=real)
        self._clients.wait_until_served()
        if number % 2:
            time.sleep(self._chance.uniform(0.02, 0.25))
            if worker := self._server.some_worker(self._chance):
                kill_process(worker)
        time.sleep(self._chance.uniform(0.02, 0.5))
        return "isthmus dev" if real else "at any time"


def account(server: Server, clients: Clients, *, drain: float) -> None:
    """Start it once more, let it handle what is left, and check everything; nothing of it is left behind."""
    server.start()
    assert server.wait_until_ready()
    took = server.wait_until_drained(drain)
    account = Account(server, clients)
    print(f"\n{account}; drained in {took:.1f} s; {dict(clients.outcomes)}")
    account.check()
    server.stop()
    socket.create_server(("127.0.0.1", server.port)).close()


@pytest.mark.slow
def test_nothing_accepted_is_lost_when_the_server_is_killed_hundreds_of_times(server: Server) -> None:
    begun = time.monotonic()
    clients = Clients(server.port, 4, poison_every=60)
    rounds = Rounds(server, clients)
    rounds.run(200)
    account(server, clients, drain=60)
    print(f"{time.monotonic() - begun:.0f} s in all")

    assert {f"at {point}" for point in POINTS} <= rounds.kills.keys()
    assert len(clients.accepted) > 1000
    assert clients.outcomes["TimeoutError"] == 0, "every request was answered, or its connection broke"


@pytest.mark.slow
def test_nothing_accepted_is_lost_where_each_commit_survives_a_power_cut_either(durable: Server) -> None:
    clients = Clients(durable.port, 4, poison_every=60)
    Rounds(durable, clients).run(30)
    account(durable, clients, drain=60)

    assert len(clients.accepted) > 100


@pytest.mark.slow
def test_nothing_accepted_is_lost_when_workers_are_killed_and_the_server_is_not(server: Server) -> None:
    chance = random.Random(SEED)
    clients = Clients(server.port, 4, poison_every=300)
    server.start()
    assert server.wait_until_ready()
    killed = 0
    with clients:
        clients.wait_until_served()
        until = time.monotonic() + 15
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.02, 0.15))
            grown = 0.3 if chance.random() < 0.9 else 0.0  # a few die at their start, too
            if workers := [worker for worker in server.workers() if server.age(worker) >= grown]:
                kill_process(chance.choice(workers))
                killed += 1
    print(f"\nseed {SEED}, {killed} workers killed in 15 s")
    server.wait_until_drained(60)
    server.stop()
    account(server, clients, drain=0)

    assert killed > 50
    assert len(clients.accepted) > 100
    assert clients.outcomes.keys() <= {"201", "502", "503", "upload 200"}, "every request is answered"


def test_a_message_is_charged_for_the_death_of_its_worker_but_not_for_that_of_the_server(server: Server) -> None:
    attempts = kill_app.ATTEMPTS["work"]
    clients = Clients(server.port, 1)
    server.start()
    assert server.wait_until_ready()
    clients.place("slow")
    for number in range(attempts):
        server.wait_for_lines("work", number + 1)
        server.kill()
        server.start()
    server.wait_for_lines("work", attempts + 1)
    server.stop()
    server.start()
    server.wait_for_lines("work", attempts + 2)
    kill_process(server.worker("Worker"))
    server.wait_for_lines("work", attempts + 3)
    server.witness.with_suffix(".enough").touch()
    server.wait_until_drained(20)

    assert [line[2] for line in server.lines() if line[0] == "work"] == ["1"] * (attempts + 2) + ["2"]
    Account(server, clients).check()
    server.stop()
