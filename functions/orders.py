"""Orders: placed, read, and listed by page and by user."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse
from isthmus.errors import BadRequestError, ConditionFailedError, NotFoundError


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a client sends to place an order."""

    userId: str  # noqa: N815 - the field's name in JSON
    item: str
    quantity: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what no shop can deliver; the client is told with 422."""
        if not self.userId or not self.item:
            raise ValueError("userId and item must not be empty")
        if not 1 <= self.quantity <= 1000:
            raise ValueError("quantity must be from 1 to 1000")


def create(request: HttpRequest) -> HttpResponse:
    """Place an order and tell everybody who waits for one.

    A client that got no answer sends the same `Idempotency-Key` again and gets the order that it placed. The order is
    announced again too, since nobody knows how far the first try came: whoever listens must bear a duplicate anyway.
    """
    new = request.parse(NewOrder)
    order: dict[str, Any] = {
        "id": _order_id(new.userId, request.headers.get("idempotency-key")),
        "userId": new.userId,
        "item": new.item,
        "quantity": new.quantity,
        "note": new.note,
        "status": "placed",
        "placedAt": int(time.time()),
    }
    try:
        Resource.Orders.put(order, if_absent=True)
    except ConditionFailedError:
        order = Resource.Orders.get(order["id"]) or order
    Resource.Events.publish(order, attributes={"type": "order.placed"})
    Resource.Analytics.put(order, key=order["userId"])
    return HttpResponse.json(order, status=201, headers={"location": f"/orders/{order['id']}"})


def read(request: HttpRequest) -> HttpResponse:
    """Answer with one order."""
    order = Resource.Orders.get(request.params["id"])
    if order is None:
        raise NotFoundError(f"there is no order {request.params['id']}")
    return HttpResponse.json(order)


def list_orders(request: HttpRequest) -> HttpResponse:
    """Answer with one page of all orders, and the cursor of the next."""
    page = Resource.Orders.scan(limit=_limit(request), cursor=request.query.get("cursor"))
    return HttpResponse.json({"orders": list(page), "cursor": page.cursor})


def list_by_user(request: HttpRequest) -> HttpResponse:
    """Answer with one page of a user's orders. An index lags a little: a new order may be missing for a moment."""
    page = Resource.Orders.query(
        request.params["userId"], index="byUser", limit=_limit(request), cursor=request.query.get("cursor")
    )
    return HttpResponse.json({"orders": list(page), "cursor": page.cursor})


def _order_id(user: str, key: str | None) -> str:
    """Return a new id, or always the same one for a user's idempotency key."""
    if not key:
        return secrets.token_hex(8)
    return hashlib.sha256(f"{len(user)} {user} {key}".encode()).hexdigest()[:16]


def _limit(request: HttpRequest) -> int:
    text = request.query.get("limit", "20")
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100):
        raise BadRequestError("limit must be a number from 1 to 100")
    return int(text)
