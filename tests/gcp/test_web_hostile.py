"""Requests that no client of good will sends, and handlers that do what none should, under the real framework."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gcp.framework import Framework
from tests.gcp.test_web import CORS, identity
from tests.gcp.wired import HEAD, ORIGIN, Answer, answers, asked, sent

ROUTES = {
    "ANY /echo": "echo",
    "GET /robots.txt": "echo",
    "GET /": "echo",
    "POST /body": "echo",
    "GET /sleep": "sleep",
    "GET /interrupted": "interrupted",
    "GET /left": "left",
    "GET /closed": "closed",
    "GET /missing": "nothing_of_that_name",
    "GET /dressed": "dressed",
    "GET /statused": "statused",
}
LAST = f"GET /echo HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    known = identity(ROUTES, timeout=1.0, body_limit=1000, cors=CORS)
    known.routes = {**known.routes, "GET /leaves": "tests.gcp.leaves.handle"}
    with Framework(known, threads=3) as framework:
        yield framework.port


def problem(answer: Answer, status: int) -> dict[str, Any]:
    """Check that an answer is an error of ours, as the pages of the api's origins may read it."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-correlation-id"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert b"secret" not in answer.body
    document: dict[str, Any] = json.loads(answer.body)
    assert document["status"] == status
    return document


def test_addresses_that_the_framework_knows_are_the_apis_own(port: int) -> None:
    answer = asked(port, "GET /robots.txt HTTP/1.1")

    assert json.loads(answer.body)["path"] == "/robots.txt"
    problem(asked(port, "GET /favicon.ico HTTP/1.1"), 404)


@pytest.mark.parametrize(
    ("target", "path"),
    [("http://elsewhere/echo?a=1", "/echo"), ("http://elsewhere?a=1", "/"), ("/echo?a=1#b?c=2", "/echo")],
)
def test_other_forms_of_an_address_lead_there_without_a_redirect(port: int, target: str, path: str) -> None:
    document = json.loads(asked(port, f"GET {target} HTTP/1.1").body)

    assert document["path"] == path
    assert document["query"] == [["a", "1"]]


@pytest.mark.parametrize("path", ["//echo", "/echo/", "/echo//", "/echo%2F", "/Echo", "/echo;a=1", "//", "/echo#a"])
def test_an_address_that_only_looks_like_a_route_is_none(port: int, path: str) -> None:
    answer = asked(port, f"GET {path} HTTP/1.1")

    problem(answer, 404)


@pytest.mark.parametrize("line", ["OPTIONS * HTTP/1.1", "CONNECT example.com:443 HTTP/1.1", "GET /echo/%00 HTTP/1.1"])
def test_what_names_no_path_is_400(port: int, line: str) -> None:
    problem(asked(port, line), 400)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT"])
def test_unusual_methods_have_no_route_of_their_own(port: int, method: str) -> None:
    problem(asked(port, f"{method} /body HTTP/1.1"), 405)


def test_a_request_of_http_1_0_without_a_host_is_one(port: int) -> None:
    (answer,) = answers(sent(port, "GET /echo HTTP/1.0\r\n\r\n"))

    assert answer.status == 200
    assert answer.headers["connection"] == "close"


def test_repeated_headers_come_joined_and_look_alikes_do_not_come(port: int) -> None:
    more = "X-A: 1\r\nx-a: 2\r\nX_A: 3\r\nX-Latin: \xe9\r\nContent_Length: 5\r\nHTTP_HOST: forged\r\n"
    document = json.loads(asked(port, f"GET /echo HTTP/1.1\r\n{more}Connection: close\r\n\r\n").body)
    headers = dict(document["headers"])

    assert (headers["x-a"], headers["x-latin"], headers["host"]) == ("1,2", "é", "x")
    assert "content-length" not in headers
    assert document["body"] == ""


@pytest.mark.parametrize("path", ["/body", "/nowhere"])
@pytest.mark.parametrize(
    "rest",
    [
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nbad trailer\r\n\r\n",
        "Content-Length: 50\r\n\r\nab",
    ],
)
def test_a_body_that_is_broken_is_the_clients_fault(port: int, path: str, rest: str) -> None:
    answer = asked(port, f"POST {path} HTTP/1.1\r\n{rest}", shut=True)

    problem(answer, 400 if path == "/body" else 404)


@pytest.mark.parametrize("path", ["/body", "/nowhere"])
def test_clients_that_dawdle_over_their_bodies_are_sent_away_and_hold_up_nobody(port: int, path: str) -> None:
    pid = json.loads(asked(port, "GET /echo HTTP/1.1").body)["pid"]
    late = [_began(port, f"POST {path} HTTP/1.1\r\n{HEAD}Content-Length: 50\r\n\r\nab") for _ in range(3)]
    for connection in late:
        with connection:
            (answer,) = answers(connection.recv(65536))
            problem(answer, 408)

    assert json.loads(asked(port, "GET /echo HTTP/1.1").body)["pid"] == pid


def test_a_preflight_is_answered_without_its_body(port: int) -> None:
    asks = f"OPTIONS /echo HTTP/1.1\r\n{HEAD}Access-Control-Request-Method: GET\r\nContent-Length: 50\r\n\r\nab"
    with _began(port, asks) as connection:
        (answer,) = answers(connection.recv(65536))

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def _began(port: int, data: str) -> Any:
    import socket

    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(data.encode())
    return connection


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize(
    "coding", ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"]
)
def test_a_body_is_the_handlers_and_flasks_and_not_the_next_request(port: int, method: str, coding: str) -> None:
    first, last = answers(sent(port, f"{method} /echo HTTP/1.1\r\n{HEAD}{coding}{LAST}"))

    assert json.loads(first.body)["body"] == json.loads(first.body)["flask"] == "hello"
    assert json.loads(last.body)["body"] == ""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /echo/%zz HTTP/1.1\r\n{0}\r\n", 400),
        ("POST /nowhere HTTP/1.1\r\n{0}Content-Length: 5\r\n\r\nhello", 404),
        ("DELETE /body HTTP/1.1\r\n{0}Content-Length: 5\r\n\r\nhello", 405),
        ("OPTIONS /body HTTP/1.1\r\n{0}Content-Length: 5\r\n\r\nhello", 204),
        ("OPTIONS /body HTTP/1.1\r\n{0}Access-Control-Request-Method: GET\r\nContent-Length: 5\r\n\r\nhello", 204),
        ("POST /body HTTP/1.1\r\n{0}Content-Length: 1001\r\n\r\n" + "x" * 1001, 413),
        ("POST /body HTTP/1.1\r\n{0}Transfer-Encoding: chunked\r\n\r\n3E9\r\n" + "x" * 1001 + "\r\n0\r\n\r\n", 413),
        ("POST /body HTTP/1.1\r\n{0}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", 200),
        ("GET /statused?status=204 HTTP/1.1\r\n{0}\r\n", 204),
        ("GET /statused?status=304 HTTP/1.1\r\n{0}\r\n", 304),
        ("GET /statused?status=599 HTTP/1.1\r\n{0}\r\n", 599),
    ],
)
def test_what_follows_on_a_connection_is_answered_for_itself(port: int, request_: str, status: int) -> None:
    first, last = answers(sent(port, request_.format(HEAD) + LAST))

    assert first.status == status
    assert json.loads(last.body)["path"] == "/echo"


def test_nothing_follows_a_request_that_was_late(port: int) -> None:
    found = answers(sent(port, f"GET /sleep?seconds=1.5 HTTP/1.1\r\n{HEAD}\r\n{LAST}"))

    assert [answer.status for answer in found] == [504]
    assert found[0].headers["connection"] == "close"


def test_a_late_answer_to_head_has_no_body(port: int) -> None:
    (answer,) = answers(sent(port, f"HEAD /sleep?seconds=1.5 HTTP/1.1\r\n{HEAD}\r\n"), heads=True)

    assert answer.status == 504
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize("path", ["/interrupted", "/left", "/closed", "/leaves", "/missing"])
def test_a_handler_that_would_end_the_process_fails_alone(port: int, path: str) -> None:
    pid = json.loads(asked(port, "GET /echo HTTP/1.1").body)["pid"]
    for _ in range(2):
        problem(asked(port, f"GET {path} HTTP/1.1"), 500)

    assert json.loads(asked(port, "GET /echo HTTP/1.1").body)["pid"] == pid


def test_a_handlers_headers_go_out_but_for_those_of_the_connection(port: int) -> None:
    answer = asked(port, "GET /dressed HTTP/1.1")
    values = [value for name, value in answer.lines if name.lower() in ("x-part", "set-cookie")]

    assert (answer.status, answer.body) == (201, b"hello")
    assert answer.headers["content-length"] == "5"
    assert "transfer-encoding" not in answer.headers
    assert (answer.headers["x-latin"], answer.headers["location"]) == ("é\tü", "../a?b")
    assert values == ["one", "two", "a=1", "b=2, c"]
