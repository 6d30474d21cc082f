"""The handlers that are measured: as small as a handler can be, so that what surrounds them shows."""

from __future__ import annotations

from isthmus import HttpRequest, HttpResponse, Message, Resource


def get_user(request: HttpRequest) -> HttpResponse:
    """Answer with what the path and the query say."""
    return HttpResponse.json({"id": request.params["id"], "q": request.query.get("a")})


def create(request: HttpRequest) -> HttpResponse:
    """Answer with the body that was sent."""
    return HttpResponse.json({"created": request.json()}, status=201)


def consume(message: Message) -> None:
    """Handle a message by doing nothing."""


def produce(task: dict[str, int]) -> int:
    """Send `count` messages from `senders` threads at once, each waiting for every answer; return how many."""
    from concurrent.futures import ThreadPoolExecutor

    body = "x" * 250

    def send(count: int) -> int:
        for _ in range(count):
            Resource.Work.send(body)
        return count

    with ThreadPoolExecutor(task["senders"]) as threads:
        return sum(threads.map(send, [task["count"] // task["senders"]] * task["senders"]))


def get_item(item: int) -> int:
    """Return what a Map gives it."""
    return item
