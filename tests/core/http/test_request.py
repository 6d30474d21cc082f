from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import BadRequestError, UnprocessableError, UnsupportedMediaTypeError
from isthmus.http.headers import Headers
from isthmus.http.multi import MultiDict
from isthmus.http.query import parse_query
from isthmus.http.request import HttpRequest


def post(body: bytes, content_type: str | None = "application/json") -> HttpRequest:
    return HttpRequest("POST", "/", headers={} if content_type is None else {"Content-Type": content_type}, body=body)


class Counting(HttpRequest):
    """What an adapter is: it reads its event when it is asked to, and counts how often."""

    __slots__ = ("asked",)

    def __init__(self) -> None:
        super().__init__("GET", "/a%20b", params={"id": "7"}, raw={"the": "event"})
        self.asked: list[str] = []

    def _answer(self, what: str, value: Any) -> Any:
        self.asked.append(what)
        return value

    def _read_headers(self) -> Headers:
        return Headers(self._answer("headers", [("Host", "example.com:8080"), ("Cookie", "a=b")]))

    def _read_body(self) -> bytes:
        return bytes(self._answer("body", b"{}"))

    def _read_query_string(self) -> str:
        return str(self._answer("query_string", "a=1"))

    def _read_scheme(self) -> str:
        return str(self._answer("scheme", "http"))

    def _read_client_ip(self) -> str:
        return str(self._answer("client_ip", "192.0.2.1"))


def test_what_a_handler_does_not_read_is_not_parsed() -> None:
    request = Counting()

    assert (request.method, request.path, request.params) == ("GET", "/a%20b", {"id": "7"})
    assert request.raw == {"the": "event"}
    assert repr(request) == "<HttpRequest GET /a%20b>"
    assert request.asked == []


def test_what_a_handler_reads_is_parsed_once() -> None:
    request = Counting()

    for _ in range(2):
        assert request.headers["host"] == "example.com:8080"
        assert request.body == b"{}"
        assert request.query["a"] == "1"
        assert request.query_string == "a=1"
        assert request.cookies == {"a": "b"}
        assert request.client_ip == "192.0.2.1"
        assert request.url == "http://example.com:8080/a%20b?a=1"

    assert sorted(request.asked) == ["body", "client_ip", "headers", "query_string", "scheme"]


def test_a_request_of_which_nothing_else_is_known_is_empty() -> None:
    request = HttpRequest("GET", "/")

    assert (request.headers.items(), request.body, request.query.items(), request.cookies) == ([], b"", [], {})
    assert (request.scheme, request.host, request.client_ip, request.query_string) == ("https", "", "", "")
    assert request.params == {}
    assert request.url == "/"
    assert request.content_type == ""


def test_a_request_can_be_made_of_values() -> None:
    request = HttpRequest("GET", "/a", query_string="b=c", headers={"host": "h"}, scheme="http", client_ip="::1")

    assert request.url == "http://h/a?b=c"
    assert request.client_ip == "::1"


def test_middleware_leaves_what_it_found_in_the_state() -> None:
    request = HttpRequest("GET", "/")
    request.state["claims"] = {"sub": "u1"}

    assert request.state == {"claims": {"sub": "u1"}}
    assert HttpRequest("GET", "/").state == {}


def test_repeated_and_blank_query_parameters_are_kept_in_order() -> None:
    query = HttpRequest("GET", "/", query_string="a=1&b=&a=2&flag&&=x&c=d=e").query

    assert query.items() == [("a", "1"), ("b", ""), ("a", "2"), ("flag", ""), ("", "x"), ("c", "d=e")]
    assert query.get_all("a") == ["1", "2"]
    assert "flag" in query
    assert "A" not in query


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("%E2%82%AC", "€"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("%ff", "\ufffd"),
        ("%26%3D", "&="),
        ("€", "€"),
    ],
)
def test_a_query_is_decoded_as_a_browser_does(text: str, value: str) -> None:
    assert parse_query(f"q={text}") == [("q", value)]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_a_query_that_the_standard_library_writes_comes_back(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    assert parse_query(urlencode(pairs)) == pairs


@given(st.text())
def test_no_query_string_can_make_reading_it_fail(text: str) -> None:
    query = MultiDict(parse_query(text))

    assert all(isinstance(value, str) for _, value in query.items())


def test_json_is_read_by_its_content_type() -> None:
    body = '{"name": "é", "n": [1, 2.5, null, true]}'.encode()

    for content_type in (
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/problem+json",
        " application/json ",
    ):
        assert post(body, content_type).json() == {"name": "é", "n": [1, 2.5, None, True]}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "text/json",
        "image/svg+json",
        ";",
    ],
)
def test_json_of_another_content_type_is_a_415(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match=r"application/json was expected") as caught:
        post(b"{}", content_type).json()

    assert caught.value.status == 415


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is empty"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1,\n "b": }', "line 2, column 7"),
        (b"{} x", "line 1, column 4"),
        (b"[1] []", "Extra data"),
        (b"nul", "Expecting value at line 1, column 1"),
        (b"NaN", "NaN is no number"),
        (b'{"a": Infinity}', "Infinity is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"[1e999]", "too large"),
        (b"[-1e999]", "too large"),
        (b'{"a": "\xff"}', "invalid start byte in UTF-8 at byte 7"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * 10_000, "a number has too many digits"),
        (b'"\\ud800"', "half of a surrogate pair"),
        (b'"\\uDFFF tail"', "half of a surrogate pair"),
        (b"{'a': 1}", "line 1, column 2"),
    ],
)
def test_a_body_that_is_not_json_is_a_400_that_says_where(body: bytes, why: str) -> None:
    with pytest.raises(BadRequestError, match=why) as caught:
        post(body).json()

    assert caught.value.status == 400
    assert len(caught.value.detail) < 300


def test_white_space_around_json_is_fine_and_other_space_is_not() -> None:
    assert post(b" \r\n\t{} \n").json() == {}
    assert post(b"{}\r\n \t").json() == {}
    assert post(b"7\n").json() == 7
    assert post(b"\xef\xbb\xbf{}").json() == {}
    with pytest.raises(BadRequestError):
        post("{}\xa0".encode()).json()


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    assert post(b'"\\ud83d\\ude00"').json() == "\U0001f600"


@given(st.binary())
def test_whatever_a_body_holds_reading_it_ends_in_a_value_or_a_400(body: bytes) -> None:
    try:
        value = post(body).json()
    except BadRequestError:
        return

    assert json.loads(json.dumps(value)) == value


def test_text_is_read_in_the_charset_that_is_named() -> None:
    assert post("é".encode(), "text/plain").text() == "é"
    assert post("é".encode(), None).text() == "é"
    assert post(b"\xe9", "text/plain; charset=ISO-8859-1").text() == "é"
    assert post("é".encode("utf-16"), 'text/plain; format=flowed; charset="utf-16"').text() == "é"
    assert post(b'{"a": "\xe9"}', "application/json; charset=latin-1").json() == {"a": "é"}


@pytest.mark.parametrize("charset", ["idna", "unicode_escape", "zlib", "rot13", "latin-99", "x" * 5000, "utf-16x"])
def test_a_charset_that_is_not_known_or_no_charset_is_a_415(charset: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="use utf-8") as caught:
        post(b"a", f"text/plain; charset={charset}").text()

    assert len(caught.value.detail) < 200


def test_text_that_is_not_in_its_charset_is_a_400_that_says_where() -> None:
    with pytest.raises(BadRequestError, match="not utf-8: invalid start byte at byte 2"):
        post(b"ab\xff", "text/plain").text()


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ('text/plain; charset="utf\\"-8"', 'utf"-8'),
        ('text/plain; charset="utf-8', "utf-8"),
        ("text/plain; a=b; ; charset=utf-8; charset=x", "utf-8"),
        ('text/plain; a="x;charset=y"; charset=utf-8', "utf-8"),
        ("text/plain; charset", ""),
        ("text/plain; =x", ""),
    ],
)
def test_parameters_of_a_content_type_are_read_leniently(header: str, charset: str) -> None:
    from isthmus.http.body import parameters

    assert parameters(header).get("charset", "") == charset


@dataclass
class Order:
    sku: str
    count: int = 1


def test_a_json_body_is_parsed_into_a_type() -> None:
    assert post(b'{"sku": "a", "count": 2}').parse(Order) == Order("a", 2)
    assert post(b'[{"sku": "a"}]').parse(list[Order]) == [Order("a", 1)]


def test_a_form_is_parsed_into_a_type() -> None:
    assert post(b"sku=a+b&count=2", "application/x-www-form-urlencoded").parse(Order) == Order("a b", 2)


def test_a_body_that_does_not_fit_the_type_is_a_422_that_names_each_field() -> None:
    with pytest.raises(UnprocessableError) as caught:
        post(b'{"count": "2"}').parse(Order)

    assert caught.value.status == 422
    assert caught.value.errors == [
        {"field": "sku", "message": "is missing"},
        {"field": "count", "message": "must be a whole number"},
    ]
