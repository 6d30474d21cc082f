"""Events for a handler alone."""

from __future__ import annotations

import time

import pytest

from isthmus import HttpRequest, HttpResponse, Message, Resource
from isthmus.context import current
from isthmus.errors import NotLinkedError
from isthmus.testing import context, http_request, linked, message, object_event, table_change, tick


class FakeTable(dict[str, dict[str, object]]):
    def put(self, item: dict[str, object]) -> None:
        self[str(item["id"])] = item


def create(request: HttpRequest) -> HttpResponse:
    order = {"id": "1", **request.json()}
    Resource.Orders.put(order)
    return HttpResponse.json(order, status=201)


def test_a_handler_is_tested_alone_with_a_fake_behind_its_link() -> None:
    orders = FakeTable()
    with linked(Orders=orders):
        response = create(http_request("POST", "/orders", json={"sku": "a"}))

    assert response.status == 201
    assert orders == {"1": {"id": "1", "sku": "a"}}


def test_what_is_not_given_is_not_linked() -> None:
    with linked(context(function="Create"), Orders=FakeTable()), pytest.raises(NotLinkedError, match="Orders"):
        print(Resource.Stock)
    with pytest.raises(NotLinkedError):
        print(Resource.Orders)


def test_links_may_be_nested_and_end_with_an_error() -> None:
    outer, inner = FakeTable(), FakeTable()
    with linked(Orders=outer):
        with linked(Orders=inner):
            assert Resource.Orders is inner
        with pytest.raises(NotLinkedError), linked(Stock=inner):
            create(http_request("POST", "/orders", json={}))
        assert Resource.Orders is outer
    assert current.get() is None


def test_the_running_context_is_the_one_that_was_given() -> None:
    with linked(context(function="Create", correlation_id="c", timeout=5)):
        running = current.get()

    assert running is not None
    assert (running.function, running.correlation_id, running.attempt) == ("Create", "c", 1)
    assert 4 < running.remaining() <= 5


def test_a_request_has_query_headers_cookies_and_parameters() -> None:
    request = http_request(
        "GET",
        "/orders/7?a=1",
        params={"id": "7"},
        query={"b": ["2", "é &"]},
        headers={"X-One": "1"},
        cookies={"session": "s"},
    )

    assert (request.path, request.params, request.headers["x-one"]) == ("/orders/7", {"id": "7"}, "1")
    assert request.query.items() == [("a", "1"), ("b", "2"), ("b", "é &")]
    assert request.cookies == {"session": "s"}


def test_a_request_has_one_body_of_its_kind() -> None:
    assert http_request("POST", form={"a": "é"}).form().items() == [("a", "é")]
    assert http_request("POST", body="é").text() == "é"
    assert http_request("POST", body=b"\xff", headers={"content-type": "image/png"}).content_type == "image/png"
    with pytest.raises(TypeError, match="body and json"):
        http_request("POST", body="a", json={})


def test_a_message_is_encoded_as_a_client_does() -> None:
    seen: Message = message({"a": [1]}, attributes={"type": "x"}, source="Work", attempt=2, group="g")

    assert (seen.json(), seen.source, seen.attempt, seen.group) == ({"a": [1]}, "Work", 2, "g")
    assert message("text").body == b"text"
    assert message().id != message().id


def test_the_kind_of_a_change_follows_from_its_images() -> None:
    row = {"id": "a"}

    assert table_change(key=row, new=row).kind == "INSERT"
    assert table_change(key=row, old=row, new=row).kind == "MODIFY"
    assert table_change(key=row, old=row, expired=True).kind == "REMOVE"
    with pytest.raises(TypeError, match="old row"):
        table_change(key=row)


def test_objects_and_ticks_have_sensible_defaults() -> None:
    event = object_event("a b.png", size=3)
    firing = tick("Nightly", payload={"n": 1})

    assert (event.kind, event.key, event.size) == ("created", "a b.png", 3)
    assert (firing.schedule, firing.payload) == ("Nightly", {"n": 1})
    assert abs(firing.due - time.time()) < 5
