from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from isthmus import App
from isthmus.declarations.api import Api, Cors
from isthmus_local import protocol
from isthmus_local.executor import BrokenHandlerError, BusyError, CrashedError, HttpResult, TimedOutError
from isthmus_local.gateway import Gateway, is_loopback
from isthmus_local.loop_thread import LoopThread
from isthmus_local.server import ApiServer, listen

HOST = "Host: localhost\r\n"


class Fake:
    """An executor that answers by the path: what it was asked, or an error."""

    def __init__(self) -> None:
        self.requests: list[tuple[Any, ...]] = []

    def http(self, function: str, request: tuple[Any, ...]) -> asyncio.Future[HttpResult]:
        self.requests.append(request)
        future: asyncio.Future[HttpResult] = asyncio.get_running_loop().create_future()
        errors = {
            "/crash": CrashedError("F", "exit 7, secret reason"),
            "/slow": TimedOutError("F", "timed out after 1 s"),
            "/busy": BusyError("F", "1,000 invocations are waiting already"),
            "/broken": BrokenHandlerError("F", "Traceback: secret reason"),
        }
        error = errors.get(request[1])
        if error:
            future.set_exception(error)
        else:
            body = json.dumps({"body": len(request[4]), "params": request[5], "function": function}).encode()
            headers = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"https://mine.test")]
            future.set_result((200, [*headers, (b"content-length", b"%d" % len(body))], body))
        return future


class Served:
    """A gateway on a port, and what its executor was asked."""

    def __init__(self, port: int, fake: Fake, server: ApiServer) -> None:
        self.port = port
        self.fake = fake
        self.server = server

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.settimeout(10)
        return connection

    def raw(self, data: bytes | str, *, shut: bool = False) -> tuple[int, dict[str, str], bytes]:
        with self.connect() as connection:
            connection.sendall(data if isinstance(data, bytes) else data.encode())
            if shut:
                connection.shutdown(socket.SHUT_WR)
            return answer(connection)

    def get(self, path: str, headers: str = "", *, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        return self.raw(f"{method} {path} HTTP/1.1\r\n{HOST}{headers}Connection: close\r\n\r\n")


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return 0, {}, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers.get("content-length", "0")):
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return int(first.split(" ")[1]), headers, body


@contextmanager
def served(*, cors: Cors | None = None, body_limit: int = 100_000) -> Generator[Served]:
    app = App("shop")
    api: Api = app.api("Api", cors=cors, body_limit=body_limit)
    for route in ("GET /orders/{id}", "POST /orders", "ANY /any", "GET /files/{path+}"):
        api.route(route, "functions.orders.handle")
    for path in ("/crash", "/slow", "/busy", "/broken"):
        api.route(f"GET {path}", "functions.orders.handle")
    fake = Fake()
    thread = LoopThread("gateway")

    async def start() -> ApiServer:
        server = ApiServer(listen(0), drain=1)
        server.switch(Gateway(api, fake))  # type: ignore[arg-type]
        server.start()
        return server

    server: ApiServer = thread.run(start())
    try:
        yield Served(server.port, fake, server)
    finally:
        thread.run(server.stop())
        thread.close()


@pytest.fixture(scope="module")
def shop() -> Iterator[Served]:
    with served() as gateway:
        yield gateway


def problem(response: tuple[int, dict[str, str], bytes]) -> dict[str, Any]:
    status, headers, body = response
    document: dict[str, Any] = json.loads(body)
    assert headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["correlationId"] == headers["x-correlation-id"]
    return document


def test_a_request_reaches_its_function_with_its_parameters(shop: Served) -> None:
    status, _, body = shop.get("/orders/a%2Fb?x=1")

    assert status == 200
    assert json.loads(body) == {"body": 0, "params": {"id": "a/b"}, "function": "OrdersHandle"}
    assert shop.fake.requests[-1][2] == b"x=1"


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/crash", 502, "the function's process ended before it answered"),
        ("/slow", 504, "the function took longer than its timeout"),
        ("/broken", 502, "the function does not start; the log of the server says why"),
        ("/busy", 503, "the function is busy; try again"),
        ("/nowhere", 404, "there is nothing at this address"),
    ],
)
def test_a_failure_is_told_by_its_kind_and_never_by_its_reason(shop: Served, path: str, status: int, told: str) -> None:
    response = shop.get(path, "X-Correlation-Id: mine-42\r\n")

    assert response[0] == status
    assert problem(response)["detail"] == told
    assert problem(response)["correlationId"] == "mine-42"
    assert b"secret" not in response[2]


def test_a_busy_function_says_when_to_try_again(shop: Served) -> None:
    assert shop.get("/busy")[1]["retry-after"] == "1"


def test_a_wrong_method_is_told_the_right_ones(shop: Served) -> None:
    response = shop.get("/orders", method="DELETE")

    assert response[0] == 405
    assert response[1]["allow"] == "OPTIONS, POST"
    assert problem(response)["title"] == "Method Not Allowed"


def test_options_are_answered_without_a_route(shop: Served) -> None:
    status, headers, body = shop.get("/orders/1", method="OPTIONS")

    assert (status, body) == (204, b"")
    assert headers["allow"] == "GET, HEAD, OPTIONS"
    assert "content-length" not in headers


def test_head_answers_as_get_without_the_body(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(f"HEAD /orders/1 HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n".encode())
        data = b""
        while piece := connection.recv(65536):
            data += piece

    assert data.startswith(b"HTTP/1.1 200")
    assert data.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "localhost:80:80", ""])
def test_a_foreign_host_is_refused_everywhere(shop: Served, host: str) -> None:
    for path in ("/orders/1", "/_isthmus/health", "/nowhere"):
        response = shop.raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")

        assert response[0] == 403
        assert problem(response)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "api.localhost:1", "127.0.0.1", "[::1]", "[::1]:3000"])
def test_names_of_this_machine_are_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("hosts", ["", "Host: localhost\r\nHost: localhost\r\n"])
def test_none_or_two_hosts_are_malformed(shop: Served, hosts: str) -> None:
    assert shop.raw(f"GET /orders/1 HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")[0] == 400


def test_pages_of_another_origin_may_not_use_the_gateway_s_own_addresses(shop: Served) -> None:
    assert shop.get("/_isthmus/health")[0] == 200
    assert shop.get("/_isthmus/health", "Origin: http://localhost:5173\r\n")[0] == 200
    assert shop.get("/_isthmus/health", "Origin: https://evil.test\r\n")[0] == 403
    assert shop.get("/_isthmus/health", "Origin: null\r\n")[0] == 403
    assert shop.get("/_isthmus/other")[0] == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /orders/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        b"GET /orders/1 HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /orders/1 HTTP/1.1\r\nHost: localhost\r\nx: a\x00b\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_a_clear_answer_and_no_hang(shop: Served, sent: bytes) -> None:
    begun = time.monotonic()
    status, headers, body = shop.raw(sent, shut=True)

    assert status in {400, 404, 405}
    assert headers["content-type"] == "application/problem+json"
    assert b"Traceback" not in body
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "path", ["/files/../../etc/passwd", "/files/%2e%2e/x", "/files/..%2f..%2fx", "/files/%ff", "/files/%zz"]
)
def test_path_tricks_are_refused(shop: Served, path: str) -> None:
    asked = len(shop.fake.requests)
    status, _, _ = shop.get(path)

    assert status == 400
    assert len(shop.fake.requests) == asked


def test_absurd_lengths_are_refused_by_name(shop: Served) -> None:
    assert shop.get("/" + "a" * 9_000)[0] == 414
    assert shop.get("/orders/1?" + "a" * 70_000)[0] == 414
    assert shop.get("/orders/1", "X-Big: " + "a" * 70_000 + "\r\n")[0] == 431
    assert shop.get("/orders/1", "".join(f"X-{n}: {'b' * 90}\r\n" for n in range(1000)))[0] == 431
    assert shop.get("/orders/1", "X-Big: " + "a" * 30_000 + "\r\n")[0] == 200


def test_endless_headers_are_refused_though_they_never_end(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(f"GET /orders/1 HTTP/1.1\r\n{HOST}".encode())
        for number in range(20):
            connection.sendall(f"X-{number}: {'a' * 4000}\r\n".encode())
        status, _, _ = answer(connection)

    assert status == 431


def test_a_body_over_the_limit_is_refused_before_it_is_sent(shop: Served) -> None:
    response = shop.raw(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 100001\r\n\r\n")

    assert response[0] == 413
    assert "100,000" in problem(response)["detail"]


def test_a_chunked_body_over_the_limit_is_refused_before_it_ends(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(f"POST /orders HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(3):
            connection.sendall(b"c350\r\n" + b"x" * 50_000 + b"\r\n")
        status, _, _ = answer(connection)

    assert status == 413


def test_a_body_of_just_the_limit_is_taken_whole_in_pieces_and_chunks(shop: Served) -> None:
    whole = shop.raw(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 100000\r\n\r\n{'x' * 100_000}")
    chunked = shop.raw(
        f"POST /orders HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
        + f"c350\r\n{'x' * 50_000}\r\n" * 2
        + "0\r\n\r\n"
    )

    assert json.loads(whole[2])["body"] == json.loads(chunked[2])["body"] == 100_000


def test_a_client_that_asks_first_is_told_to_go_on(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n".encode())
        first = connection.recv(65536)
        connection.sendall(b"abc")
        status, _, body = answer(connection)

    assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert (status, json.loads(body)["body"]) == (200, 3)


def test_a_client_that_asks_first_is_told_no_at_once(shop: Served) -> None:
    response = shop.raw(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 900000\r\nExpect: 100-continue\r\n\r\n")

    assert response[0] == 413


def test_a_client_that_hangs_up_amid_its_body_leaves_nothing_behind(shop: Served) -> None:
    asked = len(shop.fake.requests)
    for _ in range(20):
        with shop.connect() as connection:
            connection.sendall(f"POST /orders HTTP/1.1\r\n{HOST}Content-Length: 100\r\n\r\nabc".encode())
    until = time.monotonic() + 5
    while shop.server.connections and time.monotonic() < until:
        time.sleep(0.02)

    assert shop.server.connections == 0
    assert len(shop.fake.requests) == asked
    assert shop.get("/orders/1")[0] == 200


def test_a_client_that_dawdles_over_its_headers_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_PATIENCE", 0.5)
    with served() as gateway, gateway.connect() as silent, gateway.connect() as connection:
        connection.sendall(b"GET /orders/1 HT")
        for _ in range(8):
            time.sleep(0.1)
            try:
                connection.sendall(b"T")
            except OSError:
                break
        assert gateway.get("/orders/1")[0] == 200
        assert answer(connection)[0] in {400, 408}
        assert answer(silent)[0] == 408


def test_requests_on_one_connection_are_answered_in_order(shop: Served) -> None:
    with shop.connect() as connection:
        connection.sendall("".join(f"GET /orders/{n} HTTP/1.1\r\n{HOST}\r\n" for n in range(5)).encode())
        data = b""
        while data.count(b"OrdersHandle") < 5:
            data += connection.recv(65536)

    assert [data.index(b'"id": "%d"' % n) for n in range(5)] == sorted(data.index(b'"id": "%d"' % n) for n in range(5))


def test_the_api_s_rules_for_other_origins_are_the_only_ones() -> None:
    with served(cors=Cors(origins=["https://shop.test"])) as gateway:
        granted = gateway.get("/orders/1", "Origin: https://shop.test\r\n")
        refused = gateway.get("/orders/1", "Origin: https://evil.test\r\n")
        failed = gateway.get("/nowhere", "Origin: https://shop.test\r\n")
        asked = gateway.get(
            "/orders", "Origin: https://shop.test\r\nAccess-Control-Request-Method: POST\r\n", method="OPTIONS"
        )

    assert granted[1]["access-control-allow-origin"] == "https://shop.test"
    assert "access-control-allow-origin" not in refused[1]
    assert failed[0] == 404
    assert failed[1]["access-control-allow-origin"] == "https://shop.test"
    assert asked[0] == 204
    assert "POST" in asked[1]["access-control-allow-methods"]


def test_a_preflight_is_plain_options_where_the_api_has_no_rules(shop: Served) -> None:
    headers = "Origin: https://shop.test\r\nAccess-Control-Request-Method: POST\r\n"
    status, got, _ = shop.get("/orders", headers, method="OPTIONS")

    assert status == 204
    assert "access-control-allow-methods" not in got


def test_the_server_listens_on_the_loopback_address_alone(shop: Served) -> None:
    local = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}

    assert f"0100007F:{shop.port:04X}" in local
    assert f"00000000:{shop.port:04X}" not in local
