from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from isthmus.workflows.integrations import http_call
from isthmus.workflows.integrations.integrate import integrate
from isthmus.workflows.resource_uris import resolve
from isthmus.workflows.states_error import StatesError

TASKS = ["http", "arn:aws:states:::http:invoke"]


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, or as the path says."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        said = {"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}
        self._answer(json.dumps(said).encode())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def _answer(self, body: bytes) -> None:
        name, _, code = self.path.strip("/").partition("/")
        self.send_response(int(code) if name == "status" else 200)
        self.send_header("content-type", "text/plain" if name == "text" else "application/json; charset=utf-8")
        if name == "status":
            self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write({"text": b"hi", "broken": b"{", "large": b"x" * 300_000, "empty": b""}.get(name, body))

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def nobody(name: str) -> Any:
    raise LookupError(name)


def call(arguments: Any, resource: str = "http") -> Any:
    return integrate(resolve(resource), arguments, nobody)


@pytest.mark.parametrize("resource", TASKS)
def test_a_call_carries_all_that_it_is_given(address: str, resource: str) -> None:
    answer = call(
        {
            "ApiEndpoint": f"{address}/orders?a=1",
            "Method": "POST",
            "Headers": {"X-Key": "k", "X-List": ["a", "b"]},
            "QueryParameters": {"b": "two words", "c": ["x", "y"]},
            "RequestBody": {"n": 1},
        },
        resource,
    )

    asked = answer["ResponseBody"]
    assert (answer["StatusCode"], answer["StatusText"]) == (200, "OK")
    assert answer["Headers"]["content-type"] == ["application/json; charset=utf-8"]
    assert asked["method"] == "POST"
    assert asked["path"] == "/orders?a=1&b=two+words&c=x&c=y"
    assert json.loads(asked["body"]) == {"n": 1}
    headers = {name.lower(): value for name, value in asked["headers"].items()}
    assert (headers["x-key"], headers["x-list"], headers["content-type"]) == ("k", "a, b", "application/json")


def test_text_is_sent_as_it_is_where_its_type_says_so(address: str) -> None:
    answer = call(
        {"ApiEndpoint": address, "Method": "PUT", "Headers": {"Content-Type": "text/plain"}, "RequestBody": "hi"}
    )

    assert answer["ResponseBody"]["body"] == "hi"


@pytest.mark.parametrize(("path", "body"), [("text", "hi"), ("broken", "{"), ("empty", "")])
def test_what_is_no_json_comes_back_as_text(address: str, path: str, body: str) -> None:
    assert call({"ApiEndpoint": f"{address}/{path}", "Method": "GET"})["ResponseBody"] == body


@pytest.mark.parametrize("resource", TASKS)
@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_success_fails_by_its_status_and_is_not_followed(
    address: str, status: int, resource: str
) -> None:
    with pytest.raises(StatesError) as failed:
        call({"ApiEndpoint": f"{address}/status/{status}", "Method": "GET"}, resource)

    assert failed.value.error == f"States.Http.StatusCode.{status}"
    assert json.loads(failed.value.cause)["ResponseBody"]["path"] == f"/status/{status}"


def test_an_answer_over_the_limit_is_not_read_whole(address: str) -> None:
    with pytest.raises(StatesError) as failed:
        call({"ApiEndpoint": f"{address}/large", "Method": "GET"})

    assert failed.value.error == "States.DataLimitExceeded"


def test_an_address_that_nobody_answers_at_fails_without_its_secrets() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}/?key=secret"

        with pytest.raises(StatesError) as failed:
            call({"ApiEndpoint": closed, "Method": "GET"})

    assert failed.value.error == "States.Http.Socket"
    assert "secret" not in failed.value.cause


@pytest.mark.parametrize("host", ["a..b", "a" * 70, "a" * 300 + ".invalid"])
def test_a_host_that_cannot_be_fails_as_one_that_does_not_answer(host: str) -> None:
    with pytest.raises(StatesError) as failed:
        call({"ApiEndpoint": f"http://{host}/", "Method": "GET"})

    assert failed.value.error == "States.Http.Socket"


def test_a_body_that_is_no_unicode_is_still_json(address: str) -> None:
    answer = call({"ApiEndpoint": address, "Method": "POST", "RequestBody": {"a": "\ud800"}})

    assert json.loads(answer["ResponseBody"]["body"]) == {"a": "\ud800"}


def test_an_answer_that_comes_by_drops_must_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_call, "HTTP_SECONDS", 0.3)
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        with pytest.raises(StatesError, match="within") as failed:
            call({"ApiEndpoint": f"http://127.0.0.1:{listener.getsockname()[1]}/", "Method": "GET"})
        stop.set()
        thread.join()

    assert failed.value.error == "States.Http.Socket"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("text", "takes an object"),
        ({}, "Method is missing"),
        ({"Method": "GET"}, "ApiEndpoint is missing"),
        ({"Method": "TRACE", "ApiEndpoint": "http://a"}, "Method is one of"),
        ({"Method": "GET", "ApiEndpoint": "file:///etc/passwd"}, "https://"),
        ({"Method": "GET", "ApiEndpoint": "http://"}, "https://"),
        ({"Method": "GET", "ApiEndpoint": "http://a:99999999/"}, "https://"),
        ({"Method": "GET", "ApiEndpoint": "http://a/\r\nX: y"}, "https://"),
        ({"Method": "GET", "ApiEndpoint": "http://[a"}, "https://"),
        ({"Method": "GET", "ApiEndpoint": "http://user:password@a/"}, "^(?!.*user:).* Authorization"),
        ({"Method": "GET", "ApiEndpoint": "http://a", "Headers": {"a": "b\r\nc: d"}}, "printable ASCII"),
        ({"Method": "GET", "ApiEndpoint": "http://a", "Headers": "a: b"}, "Headers is an object"),
        ({"Method": "GET", "ApiEndpoint": "http://a", "Authentication": {}}, "'Authentication' is not supported"),
    ],
)
@pytest.mark.parametrize("resource", TASKS)
def test_a_call_that_makes_no_sense_is_refused(arguments: Any, message: str, resource: str) -> None:
    with pytest.raises(StatesError, match=message) as failed:
        call(arguments, resource)

    assert failed.value.error == "States.Runtime"
