"""An app that can be accounted for: whatever it accepts leaves a row, and whatever it handles a row and a line.

The rows lie in the store that is under test. The lines lie in a file beside it, in the order of the handling, and
survive the end of any process: a witness that is not the accused.
"""

from __future__ import annotations

import io
import os
import time
from typing import TYPE_CHECKING, Any

from isthmus import HttpRequest, HttpResponse, Message, ObjectEvent, Resource, TableChange

if TYPE_CHECKING:  # a worker need not know what a declaration is made of
    from isthmus import App, Target
    from isthmus.declarations.resource import Grant
    from isthmus.declarations.resource import Resource as Declared

ATTEMPTS = {"work": 4, "even": 4, "line": 4, "journal": 3}
"""How often an event of each kind is tried."""

MOODS = ("work", "line", "even", "journal")
"""The kinds of consumer that an order can be poison to: one with an odd number ends the process, the others raise."""


def app(target: Target) -> App:
    """Declare one of everything that is delivered."""
    from isthmus import App

    app = App("account")
    orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
    handled = app.table("Handled", fields={"what": "string"}, primary_index="what")
    placed = app.topic("Placed")
    work = app.queue("Work", max_attempts=ATTEMPTS["work"], retry_delay=0.02, max_retry_delay=0.1)
    even = app.queue("Even", max_attempts=ATTEMPTS["even"], retry_delay=0.02, max_retry_delay=0.1)
    lines = app.queue("Lines", fifo=True, max_attempts=ATTEMPTS["line"], retry_delay=0.02, max_retry_delay=0.1)
    journal = app.stream("Journal", shards=2)
    files = app.bucket("Files")

    api = app.api("Api")
    everything: list[Declared | Grant] = [
        orders,
        handled.read,
        placed.publish,
        work.send,
        lines.send,
        journal.put,
        files,
    ]
    front = app.function("Front", "kill_app.front", link=everything, concurrency=2)
    for route in ("POST /orders", "GET /rows/{table}", "GET /files/{key+}"):
        api.route(route, front)
    worker = app.function("Worker", "kill_app.work", link=[orders, handled.write], concurrency=1)
    recorder = app.function("Recorder", "kill_app.record", link=[handled.write], concurrency=2)
    placed.subscribe(even, filter={"parity": ["even"]})
    work.subscribe(worker, batch_size=10)
    even.subscribe(recorder, batch_size=5)
    lines.subscribe(recorder, batch_size=5)
    orders.subscribe(recorder)
    journal.subscribe(recorder, max_attempts=ATTEMPTS["journal"])
    files.subscribe(recorder, events=["created"])
    return app


def front(request: HttpRequest) -> HttpResponse:
    """Take an order, or answer how things stand."""
    if request.method == "POST":
        return _place(request.json())
    if "key" in request.params:
        return HttpResponse.binary(Resource.Files.get(request.params["key"]))
    table = Resource.Orders if request.params["table"] == "Orders" else Resource.Handled
    page = table.scan(limit=1000, cursor=request.query.get("cursor"))
    return HttpResponse.json({"items": list(page), "cursor": page.cursor})


def _place(order: dict[str, Any]) -> HttpResponse:
    Resource.Orders.put(order)
    Resource.Placed.publish(order, attributes={"parity": "odd" if order["n"] % 2 else "even"})
    Resource.Work.send(order)
    Resource.Lines.send(order, group=order["client"])
    Resource.Journal.put(order, key=order["client"])
    key = f"orders/{order['id']}"
    if order["size"] % 2:
        return HttpResponse.json({"id": order["id"], "upload": Resource.Files.presign_put(key)}, status=201)
    if order["size"]:
        Resource.Files.put(key, Pieces(content(order)))
    return HttpResponse.json({"id": order["id"]}, status=201)


def content(order: dict[str, Any]) -> bytes:
    """Return the bytes of an order's file."""
    return f"{order['id']}\n".encode() * 1000 * int(order["size"])


class Pieces(io.BytesIO):
    """A file that gives a little at a time, so that an object is long in the writing."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most 10 kB."""
        return super().read(min(size or 0, 10_000) if size != -1 else 10_000)


def work(message: Message) -> None:
    """Handle an order's message, and mark the order."""
    order = message.json()
    _witness("work", order["id"], message.attempt)
    _refuse(order, "work")
    while order["mood"] == "slow" and not os.path.exists(f"{os.environ['WITNESS']}.enough"):
        time.sleep(0.01)
    Resource.Orders.update(order["id"], set={"worked": True}, if_exists=True)
    Resource.Handled.put({"what": f"work {order['id']}"})


def record(event: Message | TableChange | ObjectEvent) -> None:
    """Record an event of any other kind."""
    if isinstance(event, TableChange):
        _witness(f"change {event.key['id']}", str(event.version), event.attempt)
        Resource.Handled.put({"what": f"{event.kind} {event.key['id']}", "new": event.new})
    elif isinstance(event, ObjectEvent):
        Resource.Handled.put({"what": f"file {event.key}", "size": event.size})
    else:
        _record(event)


def _record(message: Message) -> None:
    order = message.json()
    kind = {"Even": "even", "Lines": "line", "Journal": "journal"}[message.source]
    _witness(f"{kind} {order['client']}", f"{order['n']:07d}", message.attempt)
    _refuse(order, kind)
    Resource.Handled.put({"what": f"{kind} {order['id']}"})


def _refuse(order: dict[str, Any], kind: str) -> None:
    if order["mood"] == kind:
        if order["n"] % 2:
            os._exit(7)
        raise ValueError(f"poison for {kind}")


def _witness(kind: str, what: str, attempt: int) -> None:
    descriptor = os.open(os.environ["WITNESS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{kind}\t{what}\t{attempt}\n".encode())
    os.close(descriptor)
