from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isthmus import compose
from isthmus.context import Context
from isthmus.errors import InvalidValueError, NotFoundError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.middleware.cors import cors
from tests.core.handlers import plain

SHOP = "https://shop.example"
ALLOW = "access-control-allow-origin"


def ask(handler: Callable[[Any], Any], method: str = "GET", **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    composed = Handler(compose(cors(origins=[SHOP]), handler))
    return serving.http(composed, HttpRequest(method, "/", headers=named), Context(correlation_id="c1"))


def test_a_page_of_an_allowed_origin_may_read_the_answer() -> None:
    response = ask(lambda request: {"a": 1}, origin=SHOP)

    assert response.headers[ALLOW] == SHOP
    assert response.json() == {"a": 1}


def test_another_origin_gets_no_grant() -> None:
    response = ask(lambda request: {"a": 1}, origin="https://evil.example")

    assert ALLOW not in response.headers
    assert response.headers["vary"] == "Origin"


def fail(request: HttpRequest) -> None:
    raise NotFoundError("no such order")


def crash(request: HttpRequest) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("handler", "status"), [(fail, 404), (crash, 500)])
def test_a_page_may_read_why_it_failed(handler: Any, status: int, caplog: pytest.LogCaptureFixture) -> None:
    response = ask(handler, origin=SHOP)

    assert response.status == status
    assert response.headers[ALLOW] == SHOP
    assert response.headers["x-correlation-id"] == "c1"
    assert len(caplog.records) == (1 if status == 500 else 0)


def test_a_preflight_is_answered_without_the_handler() -> None:
    response = ask(
        crash,
        "OPTIONS",
        origin=SHOP,
        access_control_request_method="PUT",
        access_control_request_headers="content-type",
    )

    assert response.status == 204
    assert response.headers[ALLOW] == SHOP
    assert "PUT" in response.headers["access-control-allow-methods"]


def test_options_that_are_no_preflight_reach_the_handler() -> None:
    assert ask(lambda request: "mine", "OPTIONS", origin=SHOP).text() == "mine"


def test_a_response_shared_by_requests_is_not_marked() -> None:
    shared = HttpResponse.json({})
    ask(lambda request: shared, origin=SHOP)

    assert ALLOW not in shared.headers


def test_other_kinds_of_events_pass() -> None:
    handler = compose(cors(origins=["*"]), plain(lambda message: message.body))

    assert handler(Message(b"x"), Context()) == b"x"


def test_a_policy_that_would_open_everything_is_refused_when_made() -> None:
    with pytest.raises(InvalidValueError, match="credentials"):
        cors(origins=["*"], credentials=True)
