"""Executions survive `kill -9` at any moment: each goes on from its last completed state, with timers and tokens."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from tests.local.killing import PATIENCE, Server
from tests.local.workflows import orders_app
from tests.local.workflows.orders_server import POINTS

SEED = 11
"""Change it to look elsewhere: the moments of the kills follow from it."""


class OrdersServer(Server):
    """The server of the orders, again and again on one state."""

    app: ClassVar[ModuleType] = orders_app
    fused: ClassVar[str] = "tests.local.workflows.orders_server"

    def place(self, orders: Sequence[int]) -> list[int]:
        """Place orders, and return those that were accepted before it ended."""
        accepted: list[int] = []
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            for n in orders:
                connection.request("POST", f"/orders/{n}")
                answer = connection.getresponse()
                if answer.read() and answer.status == 201:
                    accepted.append(n)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        return accepted

    def statuses(self) -> Counter[str]:
        """Return how many executions of the orders there are of each status."""
        rows = self.query("SELECT status, count(*) FROM executions WHERE workflow = 'Process' GROUP BY status")
        return Counter(dict(rows))

    def wait_until_ended(self, count: int, seconds: float) -> None:
        """Wait until so many executions have ended."""
        until = time.monotonic() + seconds
        while (statuses := self.statuses())["RUNNING"] or sum(statuses.values()) < count:
            assert time.monotonic() < until, f"not ended: {statuses}; {self.folder / 'log'}"
            assert self.is_alive, f"it has ended: {self.folder / 'log'}"
            time.sleep(0.2)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OrdersServer]:
    server = OrdersServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def durable(tmp_path: Path) -> Iterator[OrdersServer]:
    server = OrdersServer(tmp_path, durability="power")
    yield server
    server.close()


class Killing:
    """Places orders and kills the server in one way after the other, until all are placed and it was killed enough."""

    def __init__(self, server: OrdersServer, orders: int) -> None:
        self.kills: Counter[str] = Counter()
        self._server = server
        self._left = list(range(orders))
        self._chance = random.Random(SEED)

    def run(self, count: int) -> None:
        """Kill it `count` times."""
        print(f"\nseed {SEED}")
        share = len(self._left) // 3 + 1
        for number in range(count):
            point = POINTS[number % len(POINTS)]
            fused = number < len(POINTS) or number % 3
            self.kills[self._round(point if fused else "", share)] += 1
            self._server.kill()

    def _round(self, point: str, share: int) -> str:
        rare = point in {"recalled", "prepared", "failed"}
        count = str(1 if rare else int(2 ** self._chance.uniform(0, 8)))
        self._server.start(*((point, count) if point else ()), real=not point)
        if self._server.wait_until_ready():
            accepted = set(self._server.place(self._left[:share]))
            self._left = [n for n in self._left if n not in accepted]
            ended = self._server.wait_for_end(3 if point else self._chance.uniform(0, 1))
        else:
            ended = True
        return f"at {point}" if point and ended else f"not at {point}" if point else "isthmus dev"

    def finish(self, seconds: float, orders: int) -> None:
        """Start it once more, place what is left, and wait until all have ended."""
        self._server.start()
        assert self._server.wait_until_ready()
        assert self._server.place(self._left) == self._left
        self._server.wait_until_ended(orders, seconds)


def check(server: OrdersServer, orders: int) -> None:
    """Every execution has succeeded with the work of each of its states, and every task was called."""
    assert server.statuses() == {"SUCCEEDED": orders}
    _check_outputs(server, orders)
    _check_tasks(server, orders)
    _check_histories(server)
    assert server.query("SELECT count(*) FROM execution_frames") == [(0,)]
    assert server.query("SELECT count(*) FROM execution_frame_data") == [(0,)]
    assert server.query("SELECT count(*) FROM execution_outputs") == [(0,)]
    assert server.query("SELECT status, count(*) FROM executions GROUP BY status") == [("SUCCEEDED", 2 * orders)]
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def _check_outputs(server: OrdersServer, orders: int) -> None:
    outputs = server.query(
        "SELECT e.name, v.output FROM executions AS e JOIN execution_values AS v ON v.execution = e.number"
        " WHERE e.workflow = 'Process'"
    )
    assert {name for name, _ in outputs} == {f"order-{n}" for n in range(orders)}
    for name, text in outputs:
        output = json.loads(text)
        n = int(name.partition("-")[2])

        def did(what: str, n: int = n) -> dict[str, Any]:
            return {"is": what, "n": n}

        output.pop("isthmus")
        assert output == {
            "n": n,
            "valid": did("validate"),
            "reserved": did("reserve"),
            "paid": did("pay"),
            "approved": did("approve"),
            "both": {
                "mailed": did("email"),
                "counted": did("count"),
                "shipped": [f"label {n}-{parcel}" for parcel in range(3)],
            },
        }


def _check_tasks(server: OrdersServer, orders: int) -> None:
    seen = Counter((what, which) for what, which, _ in server.lines())
    for task in orders_app.TASKS:
        every = [f"{n}-{parcel}" for n in range(orders) for parcel in range(3)] if task == "label" else range(orders)
        missing = [which for which in every if not seen[task, str(which)]]
        assert not missing, f"{task} was never called for {missing[:5]}"
    repeats = sum(count - 1 for count in seen.values())
    print(f"{sum(seen.values()):,} calls, of which {repeats:,} again (a third of the payments by their Retry)")


def _check_histories(server: OrdersServer) -> None:
    """Events are numbered without a gap, and end with the end; none is told twice."""
    for number, total in server.query("SELECT number, events FROM executions"):
        rows = server.query(f"SELECT last, events FROM execution_history WHERE execution = {number} ORDER BY last")
        events = [event for _, text in rows for event in json.loads(text)]
        assert [last for last, _ in rows][-1] == len(events) == total
        types = Counter(event[0] for event in events)
        assert types["ExecutionStarted"] == types["ExecutionSucceeded"] == 1
        assert events[-1][0] == "ExecutionSucceeded"
        assert types["TaskStateEntered"] == types["TaskStateExited"]
    again = server.query("SELECT count(*) FROM execution_history WHERE events LIKE '%TaskScheduledAgain%'")
    print(f"{again[0][0]:,} calls are told to be repeats")


@pytest.mark.slow
def test_a_thousand_orders_all_end_when_the_server_is_killed_in_the_middle(server: OrdersServer) -> None:
    killing = Killing(server, 1000)
    begun = time.monotonic()
    killing.run(len(POINTS) + 5)
    killing.finish(120, 1000)
    print(f"{dict(sorted(killing.kills.items()))} in {time.monotonic() - begun:.0f} s")
    check(server, 1000)
    server.stop()

    assert {f"at {point}" for point in POINTS} <= killing.kills.keys()


def test_orders_go_on_after_a_kill_where_each_commit_survives_a_power_cut(durable: OrdersServer) -> None:
    killing = Killing(durable, 30)
    killing.run(4)
    killing.finish(60, 30)
    check(durable, 30)
    durable.stop()
