"""The stock: set, read, and reserved for the orders that come over the work queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse, Message
from isthmus.conditions import at_least
from isthmus.errors import ConditionFailedError, NotFoundError
from isthmus.table_writes import Update


@dataclass(frozen=True, slots=True)
class Level:
    """How many of an item are there to be ordered."""

    available: int

    def __post_init__(self) -> None:
        """Refuse less than nothing; the client is told with 422."""
        if self.available < 0:
            raise ValueError("available must not be negative")


def set_stock(request: HttpRequest) -> HttpResponse:
    """Set how many of an item are available, as after a delivery or a count."""
    level = request.parse(Level)
    item = {"item": request.params["item"], "available": level.available}
    Resource.Stock.put(item)
    return HttpResponse.json(item)


def read_stock(request: HttpRequest) -> HttpResponse:
    """Answer with how many of an item are available."""
    item = Resource.Stock.get(request.params["item"])
    if item is None:
        raise NotFoundError(f"there is no item {request.params['item']}")
    return HttpResponse.json(item)


def reserve(message: Message) -> None:
    """Take what an order needs out of the stock, once, however often the message is delivered.

    The order's status is the proof: it leaves "placed" in the same transaction that changes the stock.
    """
    order = message.json()
    try:
        Resource.Orders.transact(
            [
                Update(order["id"], set={"status": "reserved"}, if_match={"status": "placed"}),
                Update(
                    order["item"],
                    add={"available": -order["quantity"]},
                    if_match={"available": at_least(order["quantity"])},
                    table=Resource.Stock,
                ),
            ]
        )
    except ConditionFailedError:
        _settle(order)


def _settle(order: dict[str, Any]) -> None:
    """Say why nothing was reserved: the order was settled by an earlier delivery, or there is too little in stock."""
    try:
        Resource.Orders.update(order["id"], set={"status": "out of stock"}, if_match={"status": "placed"})
    except ConditionFailedError:
        return  # settled before: a duplicate
