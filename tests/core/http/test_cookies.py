from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse


def cookies(*lines: str) -> dict[str, str]:
    return HttpRequest("GET", "/", headers=[("cookie", line) for line in lines]).cookies


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=b; c=d", {"a": "b", "c": "d"}),
        ("a=b;c=d", {"a": "b", "c": "d"}),
        ('a="b c"', {"a": "b c"}),
        ('a="', {"a": '"'}),
        ("a=", {"a": ""}),
        ("a=b=c==", {"a": "b=c=="}),
        ("a; =b; c=d;;", {"c": "d"}),
        (" a = b ", {"a": "b"}),
        ("a=1; a=2", {"a": "1"}),
        ("a=%20é", {"a": "%20é"}),
        ("", {}),
    ],
)
def test_cookies_are_read_leniently(line: str, expected: dict[str, str]) -> None:
    assert cookies(line) == expected


def test_cookies_of_several_headers_are_put_together() -> None:
    assert cookies("a=1; b=2", "c=3; a=9") == {"a": "1", "b": "2", "c": "3"}


@given(st.text())
def test_no_cookie_header_can_make_reading_it_fail(line: str) -> None:
    assert all(name == name.strip() for name in cookies(line))


def test_a_cookie_is_safe_unless_it_is_told_otherwise() -> None:
    response = HttpResponse.empty()
    response.set_cookie("session", "abc", max_age=60)

    assert response.cookies == ["session=abc; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"]
    assert response.wire_headers() == [("set-cookie", response.cookies[0])]


def test_each_attribute_of_a_cookie_can_be_set() -> None:
    response = HttpResponse.empty()
    response.set_cookie("a", "b", path="", domain="example.com", secure=False, http_only=False, same_site=None)
    response.set_cookie("c", "d", path="/x", same_site="None")

    assert response.cookies == ["a=b; Domain=example.com", "c=d; Path=/x; Secure; HttpOnly; SameSite=None"]


def test_deleting_a_cookie_sets_it_to_have_ended() -> None:
    response = HttpResponse.empty()
    response.delete_cookie("a", path="/x", domain="example.com")

    assert response.cookies == ["a=; Max-Age=0; Path=/x; Domain=example.com; Secure; HttpOnly; SameSite=Lax"]


@pytest.mark.parametrize("value", ["a b", "a;b", "a,b", 'a"b', "a\\b", "a\r\nb", "é", "a\0"])
def test_a_value_that_a_cookie_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(InvalidValueError, match="percent-encode it"):
        HttpResponse.empty().set_cookie("a", value)


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "é", "a\r\n"])
def test_a_name_that_a_cookie_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidValueError, match="name of a cookie"):
        HttpResponse.empty().set_cookie(name, "a")


def test_a_path_or_a_domain_cannot_bring_attributes_of_its_own() -> None:
    for path, domain in (("/; Domain=evil.example", ""), ("/", "a.example; Path=/"), ("/\r\n", ""), ("/", "a b")):
        with pytest.raises(InvalidValueError, match="path or the domain"):
            HttpResponse.empty().set_cookie("a", "b", path=path, domain=domain)


def test_same_site_none_needs_secure() -> None:
    with pytest.raises(InvalidValueError, match="without secure=True"):
        HttpResponse.empty().set_cookie("a", "b", same_site="None", secure=False)


def test_another_same_site_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValueError, match="Strict, Lax or None"):
        HttpResponse.empty().set_cookie("a", "b", same_site="lax")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@given(st.text(min_size=1), st.text())
def test_a_cookie_that_can_be_set_comes_back_as_it_was(name: str, value: str) -> None:
    response = HttpResponse.empty()
    try:
        response.set_cookie(name, value)
    except InvalidValueError:
        return

    assert cookies(response.cookies[0].partition(";")[0]) == {name: value}
