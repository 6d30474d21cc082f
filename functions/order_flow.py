"""The steps of processing an order, and what starts them: `workflows/process_order.asl.json` says in which order.

A step may run more than once: a workflow calls it again after a failure, and after a crash. So each of them does the
same once more where it was done before.
"""

from __future__ import annotations

import hashlib
from typing import Any

from functions.analytics import PROCESSED
from functions.resources import Resource
from isthmus import Context, HttpRequest, HttpResponse, Message
from isthmus.errors import BadRequestError, ConditionFailedError, NotFoundError


class ValidationError(ValueError):
    """The order cannot be processed as it is."""


class OutOfStockError(RuntimeError):
    """There is less in stock than the order needs."""


class PaymentRetryable(RuntimeError):  # noqa: N818 - the name that the workflow's Retry goes by
    """The payment provider did not answer; it may next time."""


class PaymentDeclinedError(RuntimeError):
    """The payment provider said no, and will say no again."""


def process(request: HttpRequest) -> HttpResponse:
    """Start the processing of an order, once: who asks again is told of the same execution.

    A body may say how it is paid: `{"payment": "card"}`.
    """
    order = _order(request.params["id"])
    _start(order, request.json() if request.body else {})
    location = f"/orders/{order['id']}/process"
    return HttpResponse.json({"id": order["id"], "status": "processing"}, status=202, headers={"location": location})


def process_queued(message: Message) -> None:
    """Start the processing of an order that is named by a message: `{"id": …, "payment": …}`."""
    wanted = message.json()
    try:
        order = _order(wanted["id"])
    except (TypeError, KeyError) as error:
        raise BadRequestError('a message names the order to process: {"id": "…"}') from error
    _start(order, wanted)


def state(request: HttpRequest) -> HttpResponse:
    """Answer with what has become of the processing of an order."""
    order = _order(request.params["id"])
    if not order.get("execution"):
        raise NotFoundError(f"the processing of order {order['id']} was not started")
    execution = Resource.ProcessOrder.describe(order["execution"])
    told = {"id": order["id"], "status": execution.status, "error": execution.error, "cause": execution.cause}
    return HttpResponse.json({name: value for name, value in told.items() if value})


def validate_order(payload: Any) -> dict[str, Any]:
    """Return the order that the workflow was started with, if it can be processed."""
    quantity = payload.get("quantity")
    if not payload.get("id") or not payload.get("item"):
        raise ValidationError("an order needs an id and an item")
    if type(quantity) is not int or not 1 <= quantity <= 1000:
        raise ValidationError(f"the quantity is a whole number from 1 to 1000, not {quantity!r}")
    return {name: payload.get(name) for name in ("id", "userId", "item", "quantity", "placedAt", "payment")}


def check_inventory(order: Any) -> None:
    """Let the order pass where enough is in stock, or was reserved for it when it was placed."""
    known = Resource.Orders.get(order["id"]) or {}
    if known.get("status") == "reserved":
        return
    stock = Resource.Stock.get(order["item"]) or {"available": 0}
    if known.get("status") == "out of stock" or stock["available"] < order["quantity"]:
        raise OutOfStockError(f"{order['quantity']} of {order['item']} are wanted, {stock['available']} are there")


def process_payment(order: Any, context: Context) -> dict[str, Any]:
    """Charge the customer; this payment provider is pretended, and goes by what `payment` says.

    Its answer is the same whenever the same order is charged, as that of a real one with an idempotency key.
    """
    payment = order["payment"]
    if payment == "declined":
        raise PaymentDeclinedError("the card was declined")
    if payment == "unreachable" or (payment == "flaky" and context.attempt < 3):
        raise PaymentRetryable("the payment provider does not answer")
    reference = hashlib.sha256(f"payment {order['id']}".encode()).hexdigest()[:12]
    Resource.Orders.update(order["id"], set={"paid": True})
    return {"reference": reference, "attempts": context.attempt}


def send_confirmation_email(order: Any) -> dict[str, Any]:
    """Tell the customer: whoever sends mail hears it from the topic."""
    Resource.Events.publish({"to": order["userId"], "order": order["id"]}, attributes={"type": "email.confirmation"})
    return {"to": order["userId"]}


def update_analytics(order: Any) -> dict[str, Any]:
    """Count the sale."""
    Resource.Analytics.put({**order, "event": PROCESSED}, key=order["userId"])
    return {"counted": True}


def create_shipment(order: Any) -> dict[str, Any]:
    """Give the order to the carrier, under a number that is always the same for it."""
    shipment = "S-" + hashlib.sha256(f"shipment {order['id']}".encode()).hexdigest()[:10]
    Resource.Orders.update(order["id"], set={"shipment": shipment})
    return {"id": shipment}


def notify_out_of_stock(order: Any) -> None:
    """Tell everybody who waits for it that an order could not be delivered."""
    Resource.Events.publish(order, attributes={"type": "order.out-of-stock"})


def _order(identifier: str) -> dict[str, Any]:
    order: dict[str, Any] | None = Resource.Orders.get(identifier)
    if order is None:
        raise NotFoundError(f"there is no order {identifier}")
    return order


def _start(order: dict[str, Any], wanted: Any) -> None:
    """Start the execution that is named after the order, and remember it with the order."""
    try:
        payment = wanted.get("payment", "card")
    except AttributeError:
        payment = None
    if type(payment) is not str:
        raise BadRequestError('the body may say how the order is paid: {"payment": "card"}')
    given = {name: order[name] for name in ("id", "userId", "item", "quantity", "placedAt") if name in order}
    execution = Resource.ProcessOrder.start({**given, "payment": payment}, name=f"order-{order['id']}")
    try:
        Resource.Orders.update(order["id"], set={"execution": execution}, if_exists=True)
    except ConditionFailedError as error:
        raise NotFoundError(f"there is no order {order['id']} any more") from error
