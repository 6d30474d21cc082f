"""Presigned addresses through a real server, as curl would see them."""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import uvicorn

from tests.local.object_bench import Bench, opened


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as bench:
        yield bench


class Server:
    def __init__(self, bench: Bench) -> None:
        config = uvicorn.Config(bench.endpoint, port=0, log_level="critical", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        await_true(lambda: self._server.started)
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def ask(self, method: str, address: str, body: bytes | None = None) -> tuple[int, bytes]:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, f"{parts.path}?{parts.query}", body=body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def server(bench: Bench) -> Iterator[Server]:
    server = Server(bench)
    yield server
    server.stop()


@pytest.mark.parametrize(
    "key", ["a b+c%2F.txt", "d/../x", "/leading", "a/../b", "emoji-\N{PILE OF POO}", "?q#f", "..."]
)
def test_awkward_keys_go_through_a_real_server(bench: Bench, server: Server, key: str) -> None:
    body = os.urandom(1_500_000)

    assert server.ask("PUT", bench.put_address(key), body) == (200, b"")
    assert server.ask("GET", bench.get_address(key)) == (200, body)
    assert bench.head(key)[0] == key


def test_a_path_that_was_not_quoted_is_not_signed(bench: Bench, server: Server) -> None:
    bench.store("a/b", b"x")
    address = bench.get_address("a/b")

    assert server.ask("GET", address.replace(quote("a/b", safe=""), "a/c"))[0] == 403


def test_a_client_that_hangs_up_leaves_nothing(bench: Bench, server: Server) -> None:
    parts = urlsplit(bench.put_address("a"))
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n"
        client.sendall(head.encode() + b"x" * 3_000_000)
        await_true(lambda: bool(bench.desk.files()))

    await_true(lambda: not bench.desk.files())
    assert bench.head("a") is None
