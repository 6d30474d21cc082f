"""Orders as a client sees them, and what an order sets off."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from contextlib import closing
from typing import Any

import pytest

from infra.app import app as declare
from isthmus.providers import find
from isthmus.testing import FakeClock, Faults, TestApp


def place(app: TestApp, **fields: Any) -> dict[str, Any]:
    response = app.post("/orders", json={"userId": "ada", "item": "lamp", **fields})
    assert response.status == 201
    order: dict[str, Any] = response.json()
    return order


def status_of(app: TestApp, order: dict[str, Any]) -> str:
    status: str = app.get(f"/orders/{order['id']}").json()["status"]
    return status


def found(app: TestApp, words: str) -> list[str]:
    orders: list[str] = app.get("/search", query={"q": words}).json()["orders"]
    return orders


def test_a_new_order_can_be_read_where_the_answer_says(app: TestApp) -> None:
    response = app.post("/orders", json={"userId": "ada", "item": "lamp", "quantity": 2})

    order = response.json()
    assert response.status == 201
    assert order.items() >= {"userId": "ada", "item": "lamp", "quantity": 2}.items()
    assert app.get(response.headers["location"]).json()["id"] == order["id"]


def test_the_same_idempotency_key_places_one_order(app: TestApp) -> None:
    new = {"userId": "ada", "item": "lamp"}

    first, second = (app.post("/orders", json=new, headers={"idempotency-key": "k"}).json() for _ in range(2))

    assert first["id"] == second["id"]
    assert len(app.get("/orders").json()["orders"]) == 1


def test_two_users_may_use_the_same_idempotency_key(app: TestApp) -> None:
    ada = app.post("/orders", json={"userId": "ada", "item": "lamp"}, headers={"idempotency-key": "k"}).json()
    bob = app.post("/orders", json={"userId": "bob", "item": "lamp"}, headers={"idempotency-key": "k"}).json()

    assert ada["id"] != bob["id"]


def test_no_user_and_key_together_read_as_another_users(app: TestApp) -> None:
    ada = app.post("/orders", json={"userId": "ada", "item": "lamp"}, headers={"idempotency-key": "b k"}).json()
    other = app.post("/orders", json={"userId": "ada b", "item": "lamp"}, headers={"idempotency-key": "k"}).json()

    assert other["userId"] == "ada b"
    assert other["id"] != ada["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"userId": "ada"}, "item"),
        ({"userId": 7, "item": "lamp"}, "userId"),
        ({"userId": "ada", "item": "lamp", "quantity": "many"}, "quantity"),
    ],
)
def test_an_invalid_order_is_told_by_field(app: TestApp, body: dict[str, Any], field: str) -> None:
    response = app.post("/orders", json=body)

    assert response.status == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("body", [{"quantity": 0}, {"quantity": 1001}, {"item": ""}])
def test_what_no_shop_can_deliver_is_refused(app: TestApp, body: dict[str, Any]) -> None:
    assert app.post("/orders", json={"userId": "ada", "item": "lamp", **body}).status == 422


def test_an_unknown_order_is_not_found(app: TestApp) -> None:
    response = app.get("/orders/nothing")

    assert response.status == 404
    assert response.json()["detail"] == "there is no order nothing"


def test_all_orders_are_listed_page_by_page(app: TestApp) -> None:
    placed = {place(app)["id"] for _ in range(5)}

    seen: list[str] = []
    page = app.get("/orders", query={"limit": "2"}).json()
    while True:
        assert len(page["orders"]) <= 2
        seen += [order["id"] for order in page["orders"]]
        if page["cursor"] is None:
            break
        page = app.get("/orders", query={"limit": "2", "cursor": page["cursor"]}).json()

    assert sorted(seen) == sorted(placed)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "two", "", "٣", "009999", "9" * 5000])
def test_a_limit_that_is_none_is_refused(app: TestApp, limit: str) -> None:
    assert app.get("/orders", query={"limit": limit}).status == 400


def test_a_users_orders_are_found_by_the_index(app: TestApp) -> None:
    order = place(app, userId="bob")
    place(app, userId="ada")

    orders = app.wait_until(lambda: app.get("/users/bob/orders").json()["orders"])

    assert [found["id"] for found in orders] == [order["id"]]


def test_a_placed_order_takes_its_quantity_out_of_the_stock_once(app: TestApp) -> None:
    app.put("/stock/lamp", json={"available": 5})

    order = place(app, quantity=2)
    app.wait_until(lambda: status_of(app, order) == "reserved")
    for _ in range(3):
        app.send("Work", order)
    app.settle()

    assert app.get("/stock/lamp").json()["available"] == 3


def test_an_order_over_the_stock_is_settled_as_out_of_stock(app: TestApp) -> None:
    app.put("/stock/lamp", json={"available": 1})

    order = place(app, quantity=2)

    app.wait_until(lambda: status_of(app, order) == "out of stock")
    assert app.get("/stock/lamp").json()["available"] == 1


def test_many_orders_never_take_more_than_there_is(app: TestApp) -> None:
    app.put("/stock/lamp", json={"available": 7})

    orders = [place(app, quantity=2) for _ in range(6)]
    app.wait_until(lambda: all(status_of(app, order) != "placed" for order in orders))

    assert [status_of(app, order) for order in orders].count("reserved") == 3
    assert app.get("/stock/lamp").json()["available"] == 1


def test_a_message_that_is_no_order_is_in_the_dead_letters_after_its_attempts() -> None:
    testbed = find("local").testbed(declare, faults=Faults(clock=FakeClock()))
    with closing(TestApp(testbed)) as app:
        app.send("Work", "not an order")
        app.advance(120)

        letters = app.dead_letters("Work")

    assert [letter.body for letter in letters] == [b"not an order"]


@pytest.mark.parametrize("level", [{"available": -1}, {"available": "many"}, {}])
def test_a_stock_that_cannot_be_is_refused(app: TestApp, level: dict[str, Any]) -> None:
    assert app.put("/stock/lamp", json=level).status == 422
    assert app.get("/stock/lamp").status == 404


def test_orders_are_found_by_their_words_as_they_are_now(app: TestApp) -> None:
    app.put("/stock/lamp", json={"available": 1})
    order = place(app, note="For the reading-corner!")

    app.wait_until(lambda: found(app, "READING lamp reserved") == [order["id"]])
    app.wait_until(lambda: found(app, "placed") == [])

    assert found(app, "reading sofa") == []
    assert app.get("/search", query={"q": " ?! "}).status == 400


def test_the_day_is_summed_up_once_for_each_order(app: TestApp) -> None:
    orders = [place(app, quantity=quantity) for quantity in (1, 2, 3)]
    app.put_record("Analytics", orders[0], key="ada")  # a duplicate
    day = time.strftime("%Y-%m-%d", time.gmtime(orders[0]["placedAt"]))

    total = app.wait_until(lambda: app.resource("Counters").get((day, "total")))
    app.wait_until(lambda: app.resource("Counters").get((day, "total"))["orders"] == 3)
    app.settle()

    total = app.resource("Counters").get((day, "total"))
    assert (total["orders"], total["items"]) == (3, 6)


def test_the_night_writes_the_report_of_the_day_before(app: TestApp) -> None:
    yesterday = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 24 * 3600))
    app.resource("Counters").put({"day": yesterday, "entry": "total", "orders": 4, "items": 9})

    app.tick("Nightly")
    app.wait_until(lambda: app.get(f"/reports/{yesterday}").status == 200)

    report = app.get(f"/reports/{yesterday}").json()
    assert (report["orders"], report["items"]) == (4, 9)
    assert report["shop"].startswith("The Isthmus Shop (")
    assert app.get("/reports/1999-01-01").status == 404


def pay(app: TestApp, order: str, *, key: str = "open sesame") -> int:
    body = json.dumps({"order": order}).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-signature": signature, "content-type": "application/json"}
    return app.post("/webhooks/payment", body=body, headers=headers).status


def test_a_signed_webhook_marks_an_order_as_paid(app: TestApp) -> None:
    app.set_secret("WebhookKey", "open sesame")
    order = place(app)

    assert pay(app, order["id"]) == 204
    assert app.get(f"/orders/{order['id']}").json()["paid"] is True


def test_a_webhook_of_a_stranger_changes_nothing(app: TestApp) -> None:
    app.set_secret("WebhookKey", "open sesame")
    order = place(app)

    assert pay(app, order["id"], key="guess") == 401
    assert app.post("/webhooks/payment", json={"order": order["id"]}).status == 401
    assert "paid" not in app.get(f"/orders/{order['id']}").json()


def test_a_payment_of_no_order_is_not_found(app: TestApp) -> None:
    app.set_secret("WebhookKey", "open sesame")

    assert pay(app, "nothing") == 404
