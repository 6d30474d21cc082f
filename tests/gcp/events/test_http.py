"""The codec of requests by itself; what goes over the wire is in `tests/gcp/test_web*`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from flask import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from isthmus.http.response import HttpResponse
from isthmus_gcp.events.http import HttpCodec
from isthmus_gcp.events.http_request import GcpRequest
from isthmus_gcp.gcp_provider import provider

CODEC: Any = provider.codecs["http"]


def flask(body: bytes = b"", environ: Mapping[str, Any] | None = None) -> Request:
    """Return the request that Flask makes of a WSGI environment."""
    given = {
        "REQUEST_METHOD": "POST",
        "RAW_URI": "/a%20b?x=1&x=2",
        "PATH_INFO": "/a b",
        "QUERY_STRING": "x=1&x=2",
        "HTTP_HOST": "shop.example",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        **({"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "text/plain"} if body else {}),
    }
    return Request({**given, **(environ or {})})


def test_the_provider_has_the_codec_and_a_request_keeps_flasks() -> None:
    raw = flask(b"hello", {"HTTP_X_ONE": "1", "HTTP_COOKIE": "a=1; b=2"})
    request = CODEC.decode(raw)

    assert request.raw is raw
    assert (request.method, request.path, request.query.get_all("x")) == ("POST", "/a%20b", ["1", "2"])
    assert (request.headers["x-one"], request.headers["content-type"]) == ("1", "text/plain")
    assert (request.cookies, request.host, request.text()) == ({"a": "1", "b": "2"}, "shop.example", "hello")
    assert raw.get_data() == b"hello"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/a%2Fb//c?d", "/a%2Fb//c"),
        ("//a", "//a"),
        ("https://x/a?b", "/a"),
        ("https://x", "/"),
        ("https://x?a=/b", "/"),
        ("/a?b=http://c", "/a"),
        ("", "/%C3%A9%20%FF"),
        ("*", "/%C3%A9%20%FF"),
    ],
)
def test_a_path_is_as_it_was_sent_or_as_it_may_have_been(uri: str, path: str) -> None:
    unescaped = b"/\xc3\xa9 \xff".decode("latin-1")

    assert CODEC.decode(flask(environ={"RAW_URI": uri, "PATH_INFO": unescaped})).path == path


@pytest.mark.parametrize(
    ("headers", "scheme", "client"),
    [
        ({}, "https", ""),
        ({"HTTP_X_FORWARDED_PROTO": "http", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, "http", "192.0.2.7"),
        ({"HTTP_X_FORWARDED_PROTO": "http,https", "HTTP_X_FORWARDED_FOR": "6.6.6.6,192.0.2.7"}, "https", "192.0.2.7"),
        ({"HTTP_X_FORWARDED_PROTO": "", "HTTP_X_FORWARDED_FOR": "6.6.6.6, ::1"}, "https", "::1"),
    ],
)
def test_who_asks_and_how_is_what_the_last_of_the_fronts_says(
    headers: Mapping[str, str], scheme: str, client: str
) -> None:
    request = CODEC.decode(flask(environ=headers))

    assert (request.scheme, request.client_ip) == (scheme, client)


def test_only_behind_a_gateway_the_forwarded_credentials_are_the_clients() -> None:
    both = {"HTTP_AUTHORIZATION": "Bearer gateway", "HTTP_X_FORWARDED_AUTHORIZATION": "Bearer client"}
    open_, behind = HttpCodec().decode(flask(environ=both)), HttpCodec(behind_gateway=True).decode(flask(environ=both))

    assert open_.headers["authorization"] == "Bearer gateway"
    assert behind.headers.get_all("authorization") == ["Bearer client"]
    assert "x-forwarded-authorization" not in behind.headers


@pytest.mark.parametrize("told", [{"CONTENT_LENGTH": "9"}, {"CONTENT_LENGTH": "²"}, {"CONTENT_LENGTH": "-1x"}])
def test_a_body_that_is_not_as_it_was_told_is_refused(told: Mapping[str, str]) -> None:
    request: GcpRequest = CODEC.decode(flask(b"hello", told))

    with pytest.raises(BadRequestError):
        request.load(0)
    assert request.raw.get_data() in (b"", b"hello")


@pytest.mark.parametrize("told", [{}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}])
def test_a_body_over_the_limit_is_refused_and_kept_by_nobody(told: Mapping[str, str]) -> None:
    over: GcpRequest = CODEC.decode(flask(b"hello!", told))
    just: GcpRequest = CODEC.decode(flask(b"hello", told))
    just.load(5)

    with pytest.raises(PayloadTooLargeError):
        over.load(5)
    assert over.raw.get_data() == b""
    assert just.body == just.raw.get_data() == b"hello"


class _Broken(BytesIO):
    def read(self, *_: Any) -> bytes:
        raise RuntimeError("whatever a server calls it")


def test_a_connection_that_breaks_is_the_clients_fault_whatever_the_server_calls_it() -> None:
    request: GcpRequest = CODEC.decode(flask(b"hello", {"wsgi.input": _Broken()}))

    with pytest.raises(BadRequestError):
        request.load(0)
    assert request.raw.get_data() == b""


@pytest.mark.parametrize(
    ("status", "method", "body", "length"),
    [(200, "GET", b"hello", "5"), (200, "HEAD", b"", "5"), (204, "GET", b"", None), (304, "GET", b"", None)],
)
def test_an_answer_is_flasks_and_goes_out_as_it_is(status: int, method: str, body: bytes, length: str | None) -> None:
    response = HttpResponse(b"hello", status=status, headers=[("x-a", "1"), ("x-a", "2"), ("set-cookie", "a=1")])
    if method == "HEAD":
        response.headers.set("content-length", "5")
    raw = flask(environ={"REQUEST_METHOD": method})
    answer = CODEC.encode(response, CODEC.decode(raw))
    sent: list[Any] = []

    def start_response(*told: Any) -> None:
        sent.extend(told)

    pieces = b"".join(answer(raw.environ, start_response))

    assert isinstance(answer, Response)
    assert pieces == body
    assert sent[0].startswith(str(status))
    assert [value for name, value in sent[1] if name == "x-a"] == ["1", "2"]
    assert {name.lower(): value for name, value in sent[1]}.get("content-length") == length


TEXT = st.text(st.characters(max_codepoint=255), max_size=30)


@given(uri=TEXT, path=TEXT, query=TEXT, header=TEXT, cookie=TEXT, body=st.binary(max_size=30), kind=TEXT)
def test_whatever_is_sent_is_read_or_refused(
    uri: str, path: str, query: str, header: str, cookie: str, body: bytes, kind: str
) -> None:
    address = {"RAW_URI": uri, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_COOKIE": cookie, "CONTENT_TYPE": kind}
    named = {"HTTP_X_CORRELATION_ID": header, "HTTP_TRACEPARENT": header, "HTTP_X_FORWARDED_FOR": header}
    request: GcpRequest = CODEC.decode(flask(body, {**address, **named}))
    envelope = request.envelope()

    assert request.body == body
    assert request.url.endswith(request.query_string)
    assert all(isinstance(value, str) for value in request.query.to_dict().values())
    assert all(isinstance(value, str) for value in (*request.cookies.values(), request.client_ip, request.scheme))
    assert envelope.correlation_id in ("", header)
    for read in (request.text, request.json, request.form):
        with suppress(BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError):
            read()
