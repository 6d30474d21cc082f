from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import BadRequestError, InvalidValueError, MethodNotAllowedError, NotFoundError
from isthmus.http.router import Router
from isthmus.http.segments import check_path


def router(*routes: str) -> Router:
    """Return a router of which each route's value is the route itself."""
    return Router([(*route.split(" ", 1), route) for route in routes])  # type: ignore[misc]


SHOP = router(
    "GET /",
    "GET /orders",
    "POST /orders",
    "GET /orders/{id}",
    "DELETE /orders/{id}",
    "GET /orders/latest",
    "GET /orders/{id}/items/{sku}",
    "GET /files/{path+}",
    "PUT /files/{name}",
    "GET /files/readme",
    "ANY /anything",
    "GET /anything",
    "GET /users/",
    "GET /~me/a.b-c_d",
)


@pytest.mark.parametrize(
    ("method", "path", "route", "params"),
    [
        ("GET", "/", "GET /", {}),
        ("GET", "/orders", "GET /orders", {}),
        ("POST", "/orders", "POST /orders", {}),
        ("GET", "/orders/7", "GET /orders/{id}", {"id": "7"}),
        ("GET", "/orders/latest", "GET /orders/latest", {}),
        ("GET", "/orders/latest/items/a", "GET /orders/{id}/items/{sku}", {"id": "latest", "sku": "a"}),
        ("GET", "/orders/a%2Fb", "GET /orders/{id}", {"id": "a/b"}),
        ("GET", "/orders/a%2fb/items/c%20d+e", "GET /orders/{id}/items/{sku}", {"id": "a/b", "sku": "c d+e"}),
        ("GET", "/orders/%E2%82%AC", "GET /orders/{id}", {"id": "€"}),
        ("GET", "/orders/€", "GET /orders/{id}", {"id": "€"}),
        ("GET", "/orders/%252e%252e", "GET /orders/{id}", {"id": "%2e%2e"}),
        ("GET", "/orders/{id}", "GET /orders/{id}", {"id": "{id}"}),
        ("GET", "/orders/...", "GET /orders/{id}", {"id": "..."}),
        ("GET", "/%6Frders", "GET /orders", {}),
        ("GET", "/files/readme", "GET /files/readme", {}),
        ("GET", "/files/a", "GET /files/{path+}", {"path": "a"}),
        ("PUT", "/files/readme", "PUT /files/{name}", {"name": "readme"}),
        ("GET", "/files/a/b%2Fc/d.txt", "GET /files/{path+}", {"path": "a/b/c/d.txt"}),
        ("GET", "/files/a//b/", "GET /files/{path+}", {"path": "a//b/"}),
        ("GET", "/files/readme/more", "GET /files/{path+}", {"path": "readme/more"}),
        ("GET", "/users/", "GET /users/", {}),
        ("GET", "/~me/a.b-c_d", "GET /~me/a.b-c_d", {}),
        ("GET", "/anything", "GET /anything", {}),
        ("PURGE", "/anything", "ANY /anything", {}),
        ("OPTIONS", "/anything", "ANY /anything", {}),
        ("HEAD", "/anything", "GET /anything", {}),
        ("HEAD", "/orders/7", "GET /orders/{id}", {"id": "7"}),
    ],
)
def test_a_request_takes_the_most_literal_route(method: str, path: str, route: str, params: dict[str, str]) -> None:
    assert SHOP.match(method, path) == (route, params)


@pytest.mark.parametrize(
    "path",
    [
        "/order",
        "/Orders",
        "/orders/",
        "//orders",
        "/orders//",
        "/orders//items/a",
        "/orders/7/",
        "/orders/7/items",
        "/orders/7/items/",
        "/orders%2F7",
        "/files",
        "/files/",
        "/files//a",
        "/users",
        "/orders/7/items/a/b",
        "/" + "a/" * 5000,
    ],
)
def test_an_unknown_path_is_a_404(path: str) -> None:
    with pytest.raises(NotFoundError):
        SHOP.match("GET", path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "orders",
        "*",
        "http://example.com/orders",
        "/orders/.",
        "/orders/..",
        "/../orders",
        "/orders/./7",
        "/files/a/../../b",
        "/orders/%2e%2e",
        "/orders/%2E.",
        "/orders/.%2e",
        "/files/%2e%2e/etc/passwd",
        "/files/a%2F..%2Fb",
        "/files/..%5Ca",
        "/orders/a%2f%2e%2e",
        "/orders/%00",
        "/orders/a\0b",
        "/orders/%",
        "/orders/%2",
        "/orders/%zz",
        "/orders/% 1",
        "/orders/%+1",
        "/orders/%u0041",
        "/orders/%ff",
        "/orders/%c0%ae",
        "/orders/%ed%a0%80",
        "/orders/\ud800",
    ],
)
def test_a_path_that_nobody_should_follow_is_a_400(path: str) -> None:
    with pytest.raises(BadRequestError):
        SHOP.match("GET", path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/orders", "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/orders/7", "DELETE, GET, HEAD, OPTIONS"),
        ("PUT", "/orders/latest", "DELETE, GET, HEAD, OPTIONS"),
        ("POST", "/files/a", "GET, HEAD, OPTIONS, PUT"),
        ("get", "/orders", "GET, HEAD, OPTIONS, POST"),
        ("ANY", "/orders", "GET, HEAD, OPTIONS, POST"),
        ("OPTIONS", "/orders", "GET, HEAD, OPTIONS, POST"),
        ("", "/orders", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_another_method_is_a_405_that_names_those_allowed(method: str, path: str, allow: str) -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        SHOP.match(method, path)

    assert caught.value.headers == {"allow": allow}


def test_the_methods_of_a_path_can_be_asked_for() -> None:
    assert SHOP.allowed("/orders") == ["GET", "HEAD", "OPTIONS", "POST"]
    assert router("POST /a").allowed("/a") == ["OPTIONS", "POST"]
    assert SHOP.allowed("/anything") == ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    with pytest.raises(NotFoundError):
        SHOP.allowed("/nothing")
    with pytest.raises(BadRequestError):
        SHOP.allowed("/..")


def test_a_head_route_of_its_own_comes_before_get() -> None:
    assert router("GET /a", "HEAD /a").match("HEAD", "/a") == ("HEAD /a", {})


def test_a_more_literal_path_comes_before_a_method_of_its_own() -> None:
    routes = router("ANY /a/b", "GET /a/{x}", "POST /c/d", "GET /c/{x}")

    assert routes.match("GET", "/a/b")[0] == "ANY /a/b"
    assert routes.match("GET", "/c/d") == ("GET /c/{x}", {"x": "d"})


def test_routes_may_name_a_parameter_differently() -> None:
    routes = router("GET /a/{x}", "POST /a/{y}", "GET /a/{z}/b")

    assert routes.match("GET", "/a/1")[1] == {"x": "1"}
    assert routes.match("POST", "/a/1")[1] == {"y": "1"}
    assert routes.match("GET", "/a/1/b")[1] == {"z": "1"}


def test_a_router_without_routes_knows_no_path() -> None:
    with pytest.raises(NotFoundError):
        Router([]).match("GET", "/")


@pytest.mark.parametrize("routes", [("GET a",), ("GET /{}",), ("GET /a/{x}", "GET /a/{y}"), ("GET /a", "GET /a")])
def test_routes_that_cannot_be_are_refused(routes: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValueError, match=r"GET /?[a{]"):
        router(*routes)


def test_finding_a_route_takes_as_many_steps_among_a_thousand_as_among_ten() -> None:
    import sys

    def steps(count: int) -> int:
        routes = router(*(f"GET /r{number}/{{id}}/x/{{rest+}}" for number in range(count)))
        calls = 0

        def count_lines(*_: object) -> object:
            nonlocal calls
            calls += 1
            return count_lines

        before = sys.gettrace()
        sys.settrace(count_lines)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        try:
            routes.match("GET", f"/r{count - 1}/7/x/a/b")
        finally:
            sys.settrace(before)
        return calls

    assert steps(1000) == steps(10)


SEGMENTS = st.text(min_size=1).filter(
    lambda text: "\0" not in text and not {".", ".."} & set(text.replace("\\", "/").split("/"))
)


@given(SEGMENTS, SEGMENTS)
def test_any_text_travels_through_a_parameter(first: str, second: str) -> None:
    routes = router("GET /a/{x}/b/{y}")

    assert routes.match("GET", f"/a/{quote(first, safe='')}/b/{quote(second, safe='')}")[1] == {"x": first, "y": second}


@given(st.text(alphabet=st.sampled_from("/.%25eEfFaA0+\\ {}~é\0\ud800")))
def test_whatever_the_path_a_match_has_no_dot_segment_and_a_failure_is_a_400_or_a_404(path: str) -> None:
    routes = router("GET /{x}", "GET /{x}/{y}", "GET /a/{rest+}")
    params: dict[str, str] = {}
    with suppress(BadRequestError, NotFoundError):
        params = routes.match("GET", path)[1]

    for value in params.values():
        assert value
        assert "\0" not in value
        assert not {".", ".."} & set(value.replace("\\", "/").split("/"))
        value.encode()


@pytest.mark.parametrize("path", ["/a/../b", "/a/%2e%2e", "/a%2F..%2Fb", "/a%00b", "/%ff", "/%", "a"])
def test_a_path_whose_route_the_provider_has_found_is_checked_as_if_it_were_matched(path: str) -> None:
    with pytest.raises(BadRequestError):
        check_path(path)


@pytest.mark.parametrize("path", ["/", "/a/b.txt", "/a%20b/%C3%A9", "//a"])
def test_a_path_that_can_be_followed_passes_the_check(path: str) -> None:
    check_path(path)
