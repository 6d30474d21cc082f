"""Handlers of an api."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.errors import ConflictError, HttpError
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.resource import Resource
from isthmus.testing.contract.handlers.record import record

HIDDEN = "a password that no client may see"
"""What the message of an unexpected exception holds here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an order."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What `parse` is asked for."""

    customer: str
    lines: list[Line]
    note: str = ""


def echo(request: HttpRequest, context: Context) -> HttpResponse:
    """Answer with everything that the request says."""
    return HttpResponse.json(
        {
            "method": request.method,
            "path": request.path,
            "params": request.params,
            "query": request.query.items(),
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "cookies": request.cookies,
            "body": base64.b64encode(request.body).decode(),
            "type": request.content_type,
            "function": context.function,
            "correlation": context.correlation_id,
        }
    )


async def echo_later(request: HttpRequest, context: Context) -> HttpResponse:
    """Do what `echo` does, as a coroutine."""
    return echo(request, context)


def text(request: HttpRequest) -> str:
    """Answer with text."""
    return "grüß Gott"


def binary(request: HttpRequest) -> HttpResponse:
    """Answer with every byte there is."""
    return HttpResponse.binary(bytes(range(256)), content_type="image/png")


def cookies(request: HttpRequest) -> HttpResponse:
    """Set two cookies."""
    response = HttpResponse.json({"seen": request.cookies})
    response.set_cookie("session", "abc", max_age=60)
    response.set_cookie("theme", "dark", http_only=False)
    return response


def many_headers(request: HttpRequest) -> HttpResponse:
    """Answer with a header twice."""
    return HttpResponse.json(
        {}, status=207, headers=[("x-part", "one"), ("x-part", "two"), ("cache-control", "no-store")]
    )


def nothing(request: HttpRequest) -> None:
    """Answer without a body."""


def value(request: HttpRequest) -> Any:
    """Return plain data, which becomes JSON."""
    return [{"a": 1}, None, "é"]


def broken(request: HttpRequest) -> None:
    """Fail in a way nobody thought of."""
    raise RuntimeError(HIDDEN)


def nonsense(request: HttpRequest) -> object:
    """Return what has no meaning."""
    return object()


def slow(request: HttpRequest, context: Context) -> float:
    """Take longer than there is time for."""
    time.sleep(context.remaining() + 1)
    return context.remaining()


def refused(request: HttpRequest) -> None:
    """Refuse with an error that has a status."""
    raise ConflictError("it is taken", members={"owner": "somebody"})


def teapot(request: HttpRequest) -> None:
    """Refuse with a status, a title and headers of its own."""
    raise HttpError("short and stout", status=418, title="I'm a teapot", headers={"retry-after": "60"})


def read_json(request: HttpRequest) -> Any:
    """Answer with the JSON that came."""
    return {"got": request.json()}


def read_form(request: HttpRequest) -> Any:
    """Answer with the form fields that came."""
    return {"got": [[name, value] for name, value in request.form().items()]}


def parse(request: HttpRequest) -> Any:
    """Answer with what the validated order says."""
    order = request.parse(Order)
    return {"customer": order.customer, "pieces": sum(line.quantity for line in order.lines), "note": order.note}


def trace(request: HttpRequest) -> HttpResponse:
    """Start a chain of hops: a topic, a queue, a table and its changes."""
    case = request.query["case"]
    record(case, hop="http")
    Resource.Trail.publish({"case": case})
    return HttpResponse.empty(status=202)


def relay(message: Message) -> None:
    """Take the last hops but one: from the queue into the table and into the bucket."""
    case = message.json()["case"]
    record(case, hop="queue")
    Resource.Traced.put({"id": case, "case": case})
    Resource.Files.put(f"in/{case}/traced", b"")
