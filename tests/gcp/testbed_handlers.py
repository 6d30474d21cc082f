"""The handlers of the testbed's own test."""

from __future__ import annotations

from typing import Any

from isthmus import HttpRequest, HttpResponse, Message, Resource


class FailedError(Exception):
    """It always fails."""


def web(request: HttpRequest) -> HttpResponse:
    """Tell what came."""
    told = {"method": request.method, "one": request.headers.get("x-one"), "body": request.text()}
    return HttpResponse.json({**told, "query": [list(pair) for pair in request.query.items()]})


def echo(payload: Any) -> Any:
    """Give back what came, and remember what has an id."""
    asked: Any = payload if payload else {}
    if "raise" in str(asked):
        raise KeyError("raise")
    if "id" in str(asked):
        Resource.Seen.put(asked)
    return {"echo": payload}


def read(message: Message) -> None:
    """Count how often a record came."""
    identifier = message.json()["id"]
    known = Resource.Seen.get(identifier) or {"times": 0}
    Resource.Seen.put({"id": identifier, "times": known["times"] + 1})


def fired(_event: Any) -> None:
    """Fail."""
    raise FailedError("told to fail")


def fail(_event: Any) -> None:
    """Fail."""
    raise FailedError("told to fail")
