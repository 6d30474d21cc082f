"""What becomes of an order that is processed: the same tests wherever the reference app runs."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest

from isthmus.ports import Testbed
from isthmus.testing.waiting import wait_until

PATIENCE = 60


def place(shop: Testbed, *, stock: int = 100, quantity: int = 2) -> str:
    """Place an order of something that is in stock, and return its id once it was reserved, or could not be."""
    item = f"lamp-{secrets.token_hex(4)}"
    assert shop.request("PUT", f"/stock/{item}", json={"available": stock}).status == 200
    placed = shop.request("POST", "/orders", json={"userId": "ada", "item": item, "quantity": quantity})
    assert placed.status == 201
    identifier: str = placed.json()["id"]
    wait_until(lambda: read(shop, identifier)["status"] != "placed", PATIENCE)
    return identifier


def read(shop: Testbed, identifier: str) -> dict[str, Any]:
    """Return an order."""
    order: dict[str, Any] = shop.request("GET", f"/orders/{identifier}").json()
    return order


def process(shop: Testbed, identifier: str, payment: str = "card") -> dict[str, Any]:
    """Start the processing of an order and return what became of it."""
    started = shop.request("POST", f"/orders/{identifier}/process", json={"payment": payment})
    assert started.status == 202
    return outcome(shop, identifier)


def outcome(shop: Testbed, identifier: str) -> dict[str, Any]:
    """Return what became of the processing of an order, once it has ended."""

    def ended() -> dict[str, Any] | None:
        told: dict[str, Any] = shop.request("GET", f"/orders/{identifier}/process").json()
        return None if told["status"] in (404, "RUNNING") else told

    found = wait_until(ended, PATIENCE)
    assert found is not None
    return found


class OrderFlow:
    """The tests: a class for each place brings the fixture `shop`, the testbed of the reference app."""

    @pytest.fixture
    def order(self, shop: Testbed) -> str:
        """Return the id of an order that can be processed."""
        return place(shop)

    def test_an_order_is_paid_and_shipped(self, shop: Testbed, order: str) -> None:
        told = process(shop, order)

        assert told == {"id": order, "status": "SUCCEEDED"}
        assert read(shop, order)["paid"] is True
        assert read(shop, order)["shipment"].startswith("S-")

    def test_an_order_that_was_paid_is_counted(self, shop: Testbed, order: str) -> None:
        process(shop, order)
        day = time.strftime("%Y-%m-%d", time.gmtime(read(shop, order)["placedAt"]))
        counters = shop.resource("Counters")
        wait_until(lambda: counters.get((day, f"processed {order}")), PATIENCE)

        assert counters.get((day, "total"))["processed"] >= 1
        assert counters.get((day, "total"))["orders"] >= 1

    def test_a_payment_that_may_succeed_next_time_is_tried_again(self, shop: Testbed, order: str) -> None:
        assert process(shop, order, "flaky")["status"] == "SUCCEEDED"
        output = shop.resource("ProcessOrder").describe(read(shop, order)["execution"]).output

        assert output["payment"]["attempts"] == 3
        assert output["fulfilment"]["shipment"] == {"id": read(shop, order)["shipment"]}

    @pytest.mark.parametrize(
        ("payment", "reason"), [("declined", "PaymentDeclinedError"), ("unreachable", "PaymentRetryable")]
    )
    def test_an_order_that_is_not_paid_has_failed(self, shop: Testbed, order: str, payment: str, reason: str) -> None:
        told = process(shop, order, payment)

        assert (told["status"], told["error"]) == ("FAILED", "OrderProcessingFailed")
        assert told["cause"] == f"order {order} failed: {reason}"
        assert "shipment" not in read(shop, order)

    def test_an_order_of_what_is_not_there_has_failed(self, shop: Testbed) -> None:
        order = place(shop, stock=1, quantity=2)
        told = process(shop, order)

        assert (told["status"], told["error"]) == ("FAILED", "OrderProcessingFailed")
        assert told["cause"] == f"order {order} failed: OutOfStockError"
        assert "paid" not in read(shop, order)

    def test_an_order_that_makes_no_sense_has_failed(self, shop: Testbed) -> None:
        order = secrets.token_hex(8)
        shop.resource("Orders").put({"id": order, "userId": "ada", "item": "lamp", "quantity": 0, "status": "placed"})

        assert process(shop, order)["cause"] == f"order {order} failed: ValidationError"

    def test_an_order_is_processed_once_however_often_somebody_asks(self, shop: Testbed, order: str) -> None:
        process(shop, order)
        execution = read(shop, order)["execution"]

        assert process(shop, order, "declined")["status"] == "SUCCEEDED"
        assert read(shop, order)["execution"] == execution

    def test_an_order_is_processed_that_a_message_names(self, shop: Testbed, order: str) -> None:
        shop.resource("Processing").send({"id": order})

        assert outcome(shop, order)["status"] == "SUCCEEDED"

    def test_an_order_that_nobody_has_placed_is_not_found(self, shop: Testbed, order: str) -> None:
        assert shop.request("POST", "/orders/none/process").status == 404
        assert shop.request("GET", "/orders/none/process").status == 404
        assert shop.request("GET", f"/orders/{order}/process").status == 404
        assert shop.request("POST", f"/orders/{order}/process", json={"payment": 7}).status == 400
