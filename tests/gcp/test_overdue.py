"""Requests that are late, by themselves and under the real framework."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from isthmus.http.response import HttpResponse
from isthmus_gcp.overdue import Overdue
from tests.gcp.framework import Framework
from tests.gcp.test_web import identity
from tests.gcp.wired import answers

ROUTES = {"GET /sleep": "sleep", "GET /echo": "echo"}


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    served, client = socket.socketpair()
    client.settimeout(10)
    with served, client:
        yield served, client


def late() -> HttpResponse:
    return HttpResponse.problem(504, "Gateway Timeout")


def test_a_request_that_is_done_in_time_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    overdue = Overdue()
    overdue.end(overdue.begin(pair[0], time.time() + 0.1, late))
    time.sleep(0.3)
    pair[0].sendall(b"its own")

    assert pair[1].recv(100) == b"its own"


def test_who_is_done_while_the_late_answer_goes_out_sends_nothing_beside_it(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    overdue, begun, go = Overdue(), threading.Event(), threading.Event()

    def slowly() -> HttpResponse:
        begun.set()
        go.wait(10)
        return late()

    key = overdue.begin(pair[0], time.time(), slowly)
    begun.wait(10)
    ended = threading.Thread(target=overdue.end, args=(key,))
    ended.start()
    ended.join(0.2)
    waits = ended.is_alive()
    go.set()
    ended.join(10)
    with pytest.raises(BrokenPipeError):
        pair[0].sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    (answer,) = answers(pair[1].recv(65536))

    assert waits
    assert answer.status == 504
    assert pair[1].recv(100) == b""


def test_who_is_done_before_the_late_answer_goes_out_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    overdue, begun, go = Overdue(), threading.Event(), threading.Event()

    def slowly() -> HttpResponse:
        begun.set()
        go.wait(10)
        return late()

    other, client = socket.socketpair()
    with other, client:
        overdue.begin(other, time.time(), slowly)
        key = overdue.begin(pair[0], time.time(), late)
        begun.wait(10)
        overdue.end(key)
        go.set()
        time.sleep(0.3)
        pair[0].sendall(b"its own")
        own = pair[1].recv(100)
        overdue.begin(pair[0], time.time(), late)

        assert own == b"its own"
        assert pair[1].recv(65536).startswith(b"HTTP/1.1 504 ")


def _fill(connection: socket.socket) -> None:
    """Send until nothing more can be sent."""
    with suppress(BlockingIOError):
        while True:
            connection.send(bytes(65536), socket.MSG_DONTWAIT)


def test_a_client_that_does_not_read_holds_up_no_other(pair: tuple[socket.socket, socket.socket]) -> None:
    overdue = Overdue()
    deaf, silent = socket.socketpair()
    with deaf, silent:
        _fill(deaf)
        overdue.begin(deaf, time.time(), late)
        overdue.begin(pair[0], time.time(), late)

        assert pair[1].recv(65536).startswith(b"HTTP/1.1 504 ")


def test_an_answer_that_cannot_be_made_keeps_no_other_from_its_own(pair: tuple[socket.socket, socket.socket]) -> None:
    overdue = Overdue()
    broken, gone = socket.socketpair()
    with broken:
        gone.close()
        overdue.begin(broken, time.time(), lambda: 1 // 0)  # type: ignore[arg-type,return-value]
        overdue.begin(broken, time.time(), late)
        overdue.begin(pair[0], time.time(), late)

        assert pair[1].recv(65536).startswith(b"HTTP/1.1 504 ")


def test_thousands_of_late_requests_are_answered_once_each() -> None:
    overdue = Overdue()
    pairs = [socket.socketpair() for _ in range(200)]
    told: list[int] = []
    for turn in range(10):
        keys = [overdue.begin(served, time.time() + 0.01 if turn == 9 else 60, late) for served, _ in pairs]
        for key in keys[: 0 if turn == 9 else None]:
            overdue.end(key)
    for served, client in pairs:
        client.settimeout(10)
        told.append(answers(client.recv(65536))[0].status)
        served.close()
        client.close()

    assert told == [504] * 200


def test_where_a_server_shows_no_connection_nobody_looks_after_it() -> None:
    before = threading.active_count()
    overdue = Overdue()
    overdue.end(overdue.begin(None, time.time() - 1, late))

    assert threading.active_count() == before


def test_a_client_that_has_gone_leaves_its_handler_and_the_instance_alone() -> None:
    with Framework(identity(ROUTES, timeout=0.5), threads=3) as framework:
        pid = framework.client.get("/echo").json()["pid"]
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", framework.port)) as connection:
                connection.sendall(b"GET /sleep?seconds=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)

        assert framework.client.get("/echo").json()["pid"] == pid


@pytest.mark.parametrize("threads", [1, 2])
def test_an_instance_whose_threads_are_all_held_by_late_handlers_starts_anew(threads: int) -> None:
    with Framework(identity(ROUTES, timeout=0.5), threads=threads) as framework:
        before = framework.client.get("/echo")
        with ThreadPoolExecutor(threads) as pool:
            held = list(pool.map(framework.client.get, ["/sleep?seconds=60"] * threads))
        began = time.monotonic()
        time.sleep(1)  # until then, what was accepted already goes down with the process
        after = framework.client.get("/echo")

        assert [answer.status_code for answer in held] == [504] * threads
        assert after.json()["pid"] != before.json()["pid"]
        assert after.headers["x-correlation-id"][:24] != before.headers["x-correlation-id"][:24]
        assert time.monotonic() - began < 10
        assert "longer than their time" in framework.log


def test_a_late_handler_is_told_in_the_log() -> None:
    with Framework(identity(ROUTES, timeout=0.3), threads=2) as framework:
        framework.client.get("/sleep?seconds=0.6", headers={"x-correlation-id": "look-me-up"})

        assert "took longer than the 0.3 s" in framework.log
        assert "look-me-up" in framework.log


def test_what_runs_when_the_instance_is_stopped_is_answered() -> None:
    with Framework(identity(ROUTES, timeout=5), threads=2) as framework, ThreadPoolExecutor(1) as pool:
        running = pool.submit(framework.client.get, "/sleep?seconds=1.5")
        time.sleep(0.5)
        os.kill(framework.pid, signal.SIGTERM)
        answer = running.result()

    assert (answer.status_code, answer.text) == (200, "slept")


def test_whose_turn_comes_too_late_does_not_run() -> None:
    routes = {"GET /turn": "turn", "GET /turns": "turns"}
    known = identity(routes, timeout=1.0, serial=("tests.gcp.handlers.turn",))
    with Framework(known, threads=4) as framework, ThreadPoolExecutor(2) as pool:
        first = pool.submit(framework.client.get, "/turn?name=first&seconds=2")
        time.sleep(0.3)
        second = pool.submit(framework.client.get, "/turn?name=second")
        given_up = [first.result().status_code, second.result().status_code]
        time.sleep(1.5)
        third = framework.client.get("/turn?name=third").json()

        assert given_up == [504, 504]
        assert third == ["first", "third"]


def test_a_route_that_hangs_at_its_import_holds_up_no_other() -> None:
    known = identity(ROUTES, timeout=1.0)
    known.routes = {**known.routes, "GET /hangs": "tests.gcp.hangs.handle"}
    with Framework(known, threads=3) as framework, ThreadPoolExecutor(1) as pool:
        hangs = pool.submit(framework.client.get, "/hangs")
        time.sleep(0.3)

        assert framework.client.get("/sleep").text == "slept"
        assert hangs.result().status_code == 504
        time.sleep(2.5)
        assert framework.client.get("/hangs").text == "at last"
