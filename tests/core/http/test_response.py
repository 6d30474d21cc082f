from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import HandlerResultError, HttpError, InvalidValueError, NotFoundError, UnprocessableError
from isthmus.http.problem import problem_response
from isthmus.http.response import HttpResponse, as_response


def test_json_is_compact_and_utf_8() -> None:
    response = HttpResponse.json({"name": "Jörg", "tags": ["a", 1, None, True, 0.5]}, status=201)

    assert response.status == 201
    assert response.body == '{"name":"Jörg","tags":["a",1,null,true,0.5]}'.encode()
    assert response.content_type == "application/json"
    assert repr(response) == "<HttpResponse 201, 45 bytes>"


def test_a_response_can_be_read_back() -> None:
    response = HttpResponse.json({"a": [1, 2]})

    assert response.json() == {"a": [1, 2]}
    assert response.text() == '{"a":[1,2]}'


def test_headers_may_be_given_as_a_mapping_or_as_pairs() -> None:
    mapping = HttpResponse.json({}, headers={"x-a": "1"})
    pairs = HttpResponse.text("", headers=[("x-a", "1"), ("x-a", "2")])

    assert mapping.wire_headers() == [("x-a", "1"), ("content-type", "application/json")]
    assert pairs.headers.get_all("X-A") == ["1", "2"]


def test_a_content_type_among_the_headers_wins() -> None:
    response = HttpResponse.json({}, headers={"Content-Type": "application/vnd.x+json; v=1"})

    assert response.wire_headers() == [("Content-Type", "application/vnd.x+json; v=1")]
    assert response.content_type == "application/vnd.x+json"


def test_a_set_cookie_among_the_headers_is_kept_with_the_cookies() -> None:
    response = HttpResponse(headers=[("Set-Cookie", "a=b"), ("x", "y"), ("set-cookie", "c=d")])
    response.set_cookie("e", "f", path="", secure=False, http_only=False, same_site=None)

    assert response.cookies == ["a=b", "c=d", "e=f"]
    assert response.wire_headers() == [("x", "y"), ("set-cookie", "a=b"), ("set-cookie", "c=d"), ("set-cookie", "e=f")]


@pytest.mark.parametrize(
    ("response", "status", "content_type", "body"),
    [
        (HttpResponse.text("é"), 200, "text/plain; charset=utf-8", "é".encode()),
        (HttpResponse.html("<p>"), 200, "text/html; charset=utf-8", b"<p>"),
        (HttpResponse.binary(b"\0"), 200, "application/octet-stream", b"\0"),
        (HttpResponse.binary(b"\0", status=206, content_type="image/png"), 206, "image/png", b"\0"),
        (HttpResponse.empty(), 204, None, b""),
        (HttpResponse.empty(status=304), 304, None, b""),
        (HttpResponse(), 200, None, b""),
    ],
)
def test_each_constructor_names_its_content_type(
    response: HttpResponse, status: int, content_type: str | None, body: bytes
) -> None:
    assert (response.status, response.headers.get("content-type"), response.body) == (status, content_type, body)


def test_a_redirect_is_a_303_unless_told_otherwise() -> None:
    assert HttpResponse.redirect("/a?b=c").wire_headers() == [("location", "/a?b=c")]
    assert HttpResponse.redirect("/a").status == 303
    assert HttpResponse.redirect("/a", status=308, headers={"x": "y"}).headers["x"] == "y"


def test_a_copy_can_be_changed_by_itself() -> None:
    response = HttpResponse.json({}, status=201, headers={"x": "y", "set-cookie": "a=b"})
    copied = response.copy()

    assert (copied.status, copied.body, copied.wire_headers()) == (201, b"{}", response.wire_headers())
    copied.headers["x"] = "z"
    copied.delete_cookie("c")
    assert response.headers["x"] == "y"
    assert response.cookies == ["a=b"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpResponse.redirect("/a\r\nset-cookie: b=c"),
        lambda: HttpResponse.json({}, headers={"x": "a\nb"}),
        lambda: HttpResponse.json({}, headers={"x\r\ny": "a"}),
        lambda: HttpResponse.binary(b"", content_type="a/b\r\nx: y"),
        lambda: HttpResponse(headers={"set-cookie": "a=b\r\nx: y"}),
        lambda: problem_response(HttpError(headers={"x": "a\r\nb"})),
    ],
)
def test_no_header_can_bring_another_with_it(make: Callable[[], HttpResponse]) -> None:
    with pytest.raises(InvalidValueError):
        make()


@pytest.mark.parametrize("status", [0, 99, 100, 199, 600, -1])
def test_a_status_that_ends_no_request_is_refused(status: int) -> None:
    with pytest.raises(InvalidValueError, match="200 to 599"):
        HttpResponse(status=status)


def test_a_body_of_text_is_refused_with_what_makes_one() -> None:
    body: Any = "text"

    with pytest.raises(InvalidValueError, match=r"bytes, not str; there are HttpResponse\.text"):
        HttpResponse(body)


@pytest.mark.parametrize(
    ("result", "status", "content_type", "body"),
    [
        ({"a": 1}, 200, "application/json", b'{"a":1}'),
        ([], 200, "application/json", b"[]"),
        ("é", 200, "text/plain; charset=utf-8", "é".encode()),
        (b"\0", 200, "application/octet-stream", b"\0"),
        (None, 204, None, b""),
    ],
)
def test_what_a_handler_returns_means_a_response(
    result: Any, status: int, content_type: str | None, body: bytes
) -> None:
    response = as_response(result)

    assert (response.status, response.headers.get("content-type"), response.body) == (status, content_type, body)


def test_a_response_means_itself() -> None:
    response = HttpResponse.empty()

    assert as_response(response) is response


@pytest.mark.parametrize("result", [7, True, 1.5, ({}, 201), object(), {1, 2}, print])
def test_any_other_result_is_an_error_that_says_what_is_allowed(result: Any) -> None:
    with pytest.raises(HandlerResultError, match=f"returned {type(result).__name__}; it may return an HttpResponse"):
        as_response(result)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


@dataclass
class Point:
    x: int
    y: Any


class Struct(msgspec.Struct):
    a: int
    at: date


class Model(pydantic.BaseModel):
    b: Decimal


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), '"2026-01-31T12:00:00+00:00"'),
        (date(2026, 1, 31), '"2026-01-31"'),
        (time(12, 30), '"12:30:00"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.50"), '"1.50"'),
        (Colour.RED, '"red"'),
        (Level.HIGH, "3"),
        (Point(1, Point(2, None)), '{"x":1,"y":{"x":2,"y":null}}'),
        (Struct(1, date(2026, 1, 31)), '{"a":1,"at":"2026-01-31"}'),
        (Model(b=Decimal("2")), '{"b":"2"}'),
        ((1, 2), "[1,2]"),
        ({1: "a", None: "b", False: "c"}, '{"1":"a","null":"b","false":"c"}'),
        ("\ud800", '"\\ud800"'),
        ({"at": date(2026, 1, 31), "half": "\ud800"}, '{"at":"2026-01-31","half":"\\ud800"}'),
    ],
)
def test_what_is_nearly_json_is_written_as_json(value: Any, written: str) -> None:
    assert HttpResponse.json([value]).body.decode() == f"[{written}]"


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append({"again": value})
    return value


def cyclic_point() -> Point:
    point = Point(1, None)
    point.y = [point]
    return point


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"items": [1, {"tags": {"a"}}]}, r"\$\.items\[1\]\.tags is a set"),
        (object(), r"\$ is a object"),
        ([b"bytes"], r"\$\[0\] is a bytes"),
        ({"a": float("nan")}, r"\$\.a is nan, which JSON has no word for"),
        ({"a": [float("-inf")]}, r"a\[0\] is -inf"),
        ({"a": {(1, 2): "b"}}, r"\$\.a has a key that is a tuple"),
        ({(1, 2): "b"}, r"\$ has a key that is a tuple"),
        (cycle(), r"\[0\]\.again contains itself"),
        (deep(100_000), "200 levels deep"),
        ({"point": cyclic_point()}, r"point\.y\[0\] contains itself"),
        ({"point": Point(1, {"z": 2j})}, r"\$\.point\.y\.z is a complex"),
        ({"kind": Point}, r"\$\.kind is a type"),
        ({"list": [1, 2], "dict": {"a": 1}, "point": Point(1, 2), "set": {1}}, r"\$\.set is a set"),
        ({"half": "\ud800", "set": {1}}, r"\$\.set is a set"),
        ({"number": 10**5000}, "Exceeds the limit"),
    ],
)
def test_what_cannot_be_json_is_named_with_its_path(value: Any, why: str) -> None:
    with pytest.raises(HandlerResultError, match=why):
        HttpResponse.json(value)


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON_VALUES)
def test_any_json_comes_back_as_it_was(value: Any) -> None:
    response = HttpResponse.json(value)

    assert response.json() == value
    assert response.body == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def test_json_is_written_where_the_interpreter_has_no_fast_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    from isthmus.http import encoding

    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    value = {"a": [1, "é", None], "at": date(2026, 1, 31)}

    assert encoding.make_encoder()(value) == '{"a":[1,"é",null],"at":"2026-01-31"}'


def test_a_problem_tells_status_title_and_detail() -> None:
    response = HttpResponse.problem(409, "Conflict", detail="taken", members={"type": "/problems/taken"})

    assert response.status == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {"type": "/problems/taken", "title": "Conflict", "status": 409, "detail": "taken"}


def test_an_http_error_becomes_a_problem_with_the_correlation_id() -> None:
    response = problem_response(NotFoundError("no such order", headers={"x-a": "b"}), correlation_id="c-1")

    assert response.status == 404
    assert response.headers["x-a"] == "b"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no such order",
        "correlationId": "c-1",
    }


def test_a_problem_without_detail_says_no_more_than_it_knows() -> None:
    assert problem_response(HttpError()).json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
    }


def test_members_are_added_but_do_not_replace_what_is_ours() -> None:
    error = HttpError(
        status=418, title="Teapot", members={"status": 200, "type": "/t", "pots": 2, "correlationId": "x"}
    )

    assert problem_response(error).json() == {"type": "/t", "title": "Teapot", "status": 418, "pots": 2}


def test_each_field_of_an_unprocessable_request_is_in_the_problem() -> None:
    errors = [{"field": "a", "message": "is missing"}]

    assert problem_response(UnprocessableError(errors)).json()["errors"] == errors


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("status", 99_999),
        ("status", 101),
        ("status", None),
        ("status", "200"),
        ("body", "text"),
        ("body", 5),
        ("body", None),
        ("headers", {"x-a": "b"}),
        ("cookies", ["a=b\r\nx: y"]),
        ("cookies", [5]),
    ],
)
def test_what_a_handler_has_made_of_a_response_by_hand_is_checked(attribute: str, value: object) -> None:
    response = HttpResponse.json({})
    setattr(response, attribute, value)

    with pytest.raises(HandlerResultError, match=f"a response's {attribute} "):
        as_response(response)


def test_answers_of_json_have_headers_of_their_own() -> None:
    first, second = HttpResponse.json({}), HttpResponse.json({})
    first.headers.add("x-a", "1")

    assert first.wire_headers() == [("content-type", "application/json"), ("x-a", "1")]
    assert second.wire_headers() == [("content-type", "application/json")]
    assert HttpResponse.json({}).copy().headers.get("content-type") == "application/json"


def test_headers_that_are_none_are_refused() -> None:
    response: Any = HttpResponse.json({})
    response.headers = None

    with pytest.raises(HandlerResultError, match="Headers"):
        as_response(response)
