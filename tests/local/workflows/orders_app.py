"""An app whose executions can be accounted for: whatever a task does is a line in a file that no kill reaches."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from isthmus import Context, HttpRequest, HttpResponse, Message, Resource
from isthmus.workflow_errors import TaskTokenError

if TYPE_CHECKING:  # a worker need not know what a declaration is made of
    from isthmus import App, Target

TASKS = ("validate", "reserve", "pay", "approve", "email", "count", "pack", "label")
"""What is done for each order."""


class BusyBankError(Exception):
    """The bank asks to come back."""


def _task(handler: str, result: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"orders_app.{handler}", "ResultPath": f"$.{result}", **fields}


PROCESS: dict[str, Any] = {
    "StartAt": "Validate",
    "States": {
        "Validate": _task("validate", "valid", Next="Reserve"),
        "Reserve": _task("reserve", "reserved", TimeoutSeconds=60, Next="Rest"),
        "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Pay"},
        "Pay": _task(
            "pay",
            "paid",
            Retry=[{"ErrorEquals": ["BusyBankError"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 5}],
            Next="Approve",
        ),
        "Approve": {
            "Type": "Task",
            "Resource": "Approvals.waitForTaskToken",
            "Parameters": {"n.$": "$.n", "token.$": "$$.Task.Token"},
            "ResultPath": "$.approved",
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Email", "States": {"Email": _task("email", "mailed", End=True)}},
                {"StartAt": "Count", "States": {"Count": _task("count", "counted", End=True)}},
                {
                    "StartAt": "Ship",
                    "States": {
                        "Ship": {
                            "Type": "Task",
                            "Resource": "Shipping.sync",
                            "Parameters": {"n.$": "$.n"},
                            "ResultPath": "$.shipped",
                            "End": True,
                        }
                    },
                },
            ],
            "ResultSelector": {"mailed.$": "$[0].mailed", "counted.$": "$[1].counted", "shipped.$": "$[2].shipped"},
            "ResultPath": "$.both",
            "Next": "Complete",
        },
        "Complete": {"Type": "Succeed"},
    },
}

SHIPPING: dict[str, Any] = {
    "StartAt": "Pack",
    "States": {
        "Pack": _task("pack", "packed", Next="Labels"),
        "Labels": {
            "Type": "Map",
            "ItemsPath": "$.packed",
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "StartAt": "Label",
                "States": {"Label": {"Type": "Task", "Resource": "orders_app.label", "End": True}},
            },
            "End": True,
        },
    },
}


def app(target: Target) -> App:
    """Declare the orders, their workflows, and the queue of what must be approved."""
    from isthmus import App

    app = App("orders")
    approvals = app.queue("Approvals", retry_delay=0.05, max_retry_delay=0.2, max_attempts=50)
    app.workflow("Shipping", SHIPPING)
    process = app.workflow("Process", PROCESS)
    approvals.subscribe("orders_app.approve", batch_size=10, link=[process.complete])
    app.api("Api").route("POST /orders/{n}", "orders_app.place", link=[process.start])
    return app


def place(request: HttpRequest) -> HttpResponse:
    """Start the execution of an order, once."""
    n = int(request.params["n"])
    return HttpResponse.json({"id": Resource.Process.start({"n": n}, name=f"order-{n}")}, status=201)


def validate(order: dict[str, Any], context: Context) -> dict[str, Any]:
    """Find every order fine."""
    return _done("validate", order["n"], context)


def reserve(order: dict[str, Any], context: Context) -> dict[str, Any]:
    """Reserve what was ordered."""
    return _done("reserve", order["n"], context)


def pay(order: dict[str, Any], context: Context) -> dict[str, Any]:
    """Pay; every third order finds the bank busy once."""
    done = _done("pay", order["n"], context)
    if order["n"] % 3 == 0 and context.attempt == 1:
        raise BusyBankError("come back later")
    return done


def approve(message: Message) -> None:
    """Approve whatever is asked for; it may have been approved before."""
    asked = message.json()
    _witness("approve", asked["n"], message.attempt)
    try:
        Resource.Process.succeed(asked["token"], {"is": "approve", "n": asked["n"]})
    except TaskTokenError:
        _witness("late", asked["n"], message.attempt)


def email(order: dict[str, Any], context: Context) -> dict[str, Any]:
    """Write to the customer."""
    return _done("email", order["n"], context)


def count(order: dict[str, Any], context: Context) -> dict[str, Any]:
    """Count the order."""
    return _done("count", order["n"], context)


def pack(order: dict[str, Any], context: Context) -> list[str]:
    """Return the parcels."""
    _done("pack", order["n"], context)
    return [f"{order['n']}-{parcel}" for parcel in range(3)]


def label(parcel: str, context: Context) -> str:
    """Return the label of a parcel."""
    _witness("label", parcel, context.attempt)
    return f"label {parcel}"


def _done(what: str, n: int, context: Context) -> dict[str, Any]:
    _witness(what, n, context.attempt)
    return {"is": what, "n": n}


def _witness(what: str, which: int | str, attempt: int) -> None:
    descriptor = os.open(os.environ["WITNESS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{what}\t{which}\t{attempt}\n".encode())
    os.close(descriptor)
