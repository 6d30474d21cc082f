"""Handlers that the tests of the AWS adapter run in the real runtime client."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from isthmus.context import Context
from isthmus.errors import ConflictError
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.tick import Tick


class OutOfStockError(Exception):
    """What a workflow may want to catch by its name."""


def echo(payload: Any, context: Context) -> Any:
    return {
        "payload": payload,
        "correlation": context.correlation_id,
        "traceparent": context.traceparent,
        "request": context.request_id,
        "remaining": context.remaining(),
        "cold": context.cold_start,
        "attempt": context.attempt,
        "arn": context.raw.invoked_function_arn,
    }


def fail(payload: Any) -> Any:
    raise OutOfStockError(payload["why"])


def pid(_: Any) -> int:
    return os.getpid()


def page(request: HttpRequest, context: Context) -> HttpResponse:
    return HttpResponse.json(
        {"path": request.path, "params": request.params, "body": request.text(), "correlation": context.correlation_id}
    )


def other(_: HttpRequest) -> str:
    return "other"


def conflict(_: HttpRequest) -> None:
    raise ConflictError("taken")


def slow(request: HttpRequest) -> str:
    time.sleep(float(request.query.get("seconds", "30")))
    return "done"


async def slow_later(request: HttpRequest) -> str:
    if request.query.get("seconds"):
        await asyncio.sleep(float(request.query["seconds"]))
    return "done"


def huge(_: HttpRequest) -> bytes:
    return b"x" * (7 * 1024 * 1024)


def sized(request: HttpRequest) -> HttpResponse | str:
    size = int(request.query["size"])
    return HttpResponse.binary(b"\xff" * size) if request.path == "/binary" else request.query["text"] * size


def picky(message: Message) -> None:
    """Do what the message's body says: fail for good, fail a few times or before a client, take long, or end all."""
    order = message.json()
    if order.get("cold") and "botocore" not in sys.modules:
        raise OutOfStockError("nothing is prepared")
    if order.get("exit"):
        os._exit(1)
    time.sleep(order.get("pause", 0))
    if message.attempt <= order.get("fail", 0):
        raise OutOfStockError(f"attempt {message.attempt}")


def tick(_: Tick) -> None:
    raise OutOfStockError("on schedule")
