"""What the server says to those who do not speak as they should, and when something of its own fails."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from isthmus import App
from isthmus.declarations.api import Api
from isthmus_local import gateway
from isthmus_local.gateway import Gateway
from isthmus_local.loop_thread import LoopThread
from isthmus_local.server import ApiServer, listen
from tests.local.test_gateway import HOST, Fake, Served, answer


class Failing(Fake):
    """An executor with a fault of its own."""

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[Any]:
        if request[1] == "/orders/fault":
            raise RuntimeError("a secret of the server")
        return super().http(function, request)


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    loop = LoopThread("refusals")
    yield loop
    loop.close()


@pytest.fixture
def shop(loop: LoopThread) -> Iterator[Served]:
    api = Api(app=App("shop"), name="Api", body_limit=1000)
    api.route("GET /orders/{id}", "tests.core.handlers.item", name="Read")
    api.route("POST /orders", "tests.core.handlers.create", name="Create")
    fake, socket_ = Failing(), listen(0)

    async def start() -> ApiServer:
        server = ApiServer(socket_, drain=1)
        server.switch(Gateway(api, cast("Any", fake)))
        server.start()
        return server

    server = loop.run(start())
    try:
        yield Served(server.port, fake, server)
    finally:
        loop.run(server.stop())


UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n"


def test_a_request_that_asks_for_another_protocol_is_answered_in_this_one_and_hung_up(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(
            f"GET /orders/1 HTTP/1.1\r\n{HOST}{UPGRADE}\r\nGET /orders/2 HTTP/1.1\r\n{HOST}\r\n".encode()
        )
        status, headers, _ = answer(connection)

        assert status == 200
        assert headers["connection"] == "close"
        assert connection.recv(100) == b""
    assert [request[1] for request in shop.fake.requests] == ["/orders/1"]


def test_a_request_with_a_body_that_asks_for_another_protocol_does_not_lose_its_body(shop: Served) -> None:
    status, _, body = shop.raw(f"POST /orders HTTP/1.1\r\n{HOST}{UPGRADE}Content-Length: 5\r\n\r\nhello")

    assert status == 501
    assert "Upgrade" in json.loads(body)["detail"]
    assert not shop.fake.requests


def test_a_fault_of_the_server_is_logged_and_told_without_its_reason(
    shop: Served, caplog: pytest.LogCaptureFixture
) -> None:
    status, headers, body = shop.get("/orders/fault")

    assert status == 500
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["correlationId"]
    assert b"secret" not in body
    assert "a secret of the server" in caplog.text


def test_a_body_that_never_begins_is_waited_for_no_longer_than_its_pieces(
    shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "BODY_PATIENCE", 0.3)
    begun = time.monotonic()

    status, headers, _ = shop.raw(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\n")

    assert status == 408
    assert headers["connection"] == "close"
    assert time.monotonic() - begun < 5


def test_a_client_that_goes_on_sending_hears_why_it_is_refused(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(b"this is no request\r\n\r\n")
        for _ in range(30):
            connection.sendall(b"x" * 1000)
            time.sleep(0.005)
        status, _, _ = answer(connection)

    assert status == 400


def test_who_is_refused_and_does_not_hang_up_is_hung_up(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(b"this is no request\r\n\r\n")
        answer(connection)
        time.sleep(1.3)

        assert shop.server.connections == 0


def test_garbage_behind_a_request_that_is_being_answered_ends_the_connection_with_one_answer(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(f"GET /orders/1 HTTP/1.1\r\n{HOST}\r\nGARBAGE\r\n\r\n".encode())
        data = b""
        while piece := _read(connection):
            data += piece

    assert data.count(b"HTTP/1.1 ") == 1
    assert data.startswith(b"HTTP/1.1 400 ")


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionError:
        return b""


def test_switching_to_another_app_waits_for_requests_that_are_being_received(shop: Served, loop: LoopThread) -> None:
    with shop.connect() as connection:
        connection.sendall(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\nhe".encode())
        time.sleep(0.2)
        waiting = threading.Thread(target=loop.run, args=(shop.server.quiet(5),))
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        connection.sendall(b"llo")
        status, _, _ = answer(connection)
        waiting.join(5)

    assert status == 200
    assert not waiting.is_alive()
