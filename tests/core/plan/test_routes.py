from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.core.plan.app import HANDLERS, planned, problems


def with_routes(*routes: Any) -> list[str]:
    def declare(app: App) -> None:
        api = app.api("Api")
        handler = app.function("Handler", f"{HANDLERS}.request")
        for route in routes:
            api.route(route, handler)

    return problems(declare)


def test_routes_that_differ_are_no_problem() -> None:
    assert with_routes("GET /a", "POST /a", "GET /a/{id}", "GET /a/b", "ANY /a", "GET /files/{path+}") == []


def test_a_route_twice_is_refused_with_the_line_of_the_first() -> None:
    (what,) = with_routes("GET /orders", "GET /orders")

    assert "no request could tell it from 'GET /orders' at tests/core/plan/test_routes.py:" in what


def test_routes_that_differ_by_a_parameters_name_clash() -> None:
    (what,) = with_routes("GET /orders/{id}", "GET /orders/{order}")

    assert "route 'GET /orders/{order}' of api 'Api': no request could tell it from 'GET /orders/{id}'" in what


def test_every_clash_is_told() -> None:
    assert len(with_routes("GET /a", "GET /a", "GET /b", "GET /b")) == 2


@pytest.mark.parametrize("route", ["GET orders", "get /orders", "/orders", "FETCH /orders", "", " /x", None, 5])
def test_an_unreadable_route_is_refused_with_how_it_reads(route: Any) -> None:
    (what,) = with_routes(route)

    assert "must read like 'GET /orders/{id}'" in what


@pytest.mark.parametrize("path", ["/a/{}", "/a/{+}", "/{path+}/b", "/{id}/{id}", "/a/{id", "/a//b", "/a/../b", "/a b"])
def test_a_malformed_path_is_refused(path: str) -> None:
    assert len(with_routes(f"GET {path}")) == 1


def test_the_routes_of_two_apis_do_not_clash() -> None:
    def declare(app: App) -> None:
        handler = app.function("Handler", f"{HANDLERS}.request")
        app.api("One").route("GET /", handler)
        app.api("Two").route("GET /", handler)

    assert planned(declare).problems == ()
