"""Handlers for the tests of the Google adapter."""

from __future__ import annotations

import asyncio
import os
import threading
import time

from isthmus._typing import Any
from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse

_COUNT = {"now": 0, "most": 0}
_LOCK = threading.Lock()


def page(request: HttpRequest) -> dict[str, Any]:
    return {"params": request.params, "query": request.query.items(), "path": request.path}


def told(request: HttpRequest, context: Context) -> dict[str, Any]:
    """Answer with what the request says of its client."""
    return {
        "authorization": request.headers.get_all("authorization"),
        "forwarded": request.headers.get_all("x-forwarded-authorization"),
        "client": request.client_ip,
        "host": request.host,
        "url": request.url,
        "correlation": context.correlation_id,
        "traceparent": context.traceparent,
        "remaining": context.remaining(),
    }


def sleep(request: HttpRequest) -> str:
    """Take as long as the query says."""
    time.sleep(float(request.query.get("seconds") or 0))
    return "slept"


def measured(request: HttpRequest) -> dict[str, int]:
    """Answer with the most invocations that were ever here at once."""
    with _LOCK:
        _COUNT["now"] += 1
        _COUNT["most"] = max(_COUNT["most"], _COUNT["now"])
    time.sleep(0.05)
    with _LOCK:
        _COUNT["now"] -= 1
        return {"most": _COUNT["most"]}


def large(request: HttpRequest) -> bytes:
    """Answer with as many bytes as the query says."""
    return bytes(int(request.query["bytes"]))


def body(request: HttpRequest) -> dict[str, int]:
    return {"bytes": len(request.body)}


def marked(request: HttpRequest) -> HttpResponse:
    """Claim rules of the handler's own, which no api with rules may have."""
    return HttpResponse.json({}, headers={"access-control-allow-origin": "https://evil.example"})


async def later(request: HttpRequest) -> dict[str, str]:
    await asyncio.sleep(0.02)
    return {"thread": threading.current_thread().name}


def echo(request: HttpRequest) -> dict[str, Any]:
    """Answer with all of the request, Flask's view of its body included."""
    return {
        "pid": os.getpid(),
        "method": request.method,
        "path": request.path,
        "query": request.query.items(),
        "headers": request.headers.items(),
        "cookies": request.cookies,
        "body": request.text(),
        "flask": request.raw.get_data(as_text=True),
    }


def interrupted(request: HttpRequest) -> None:
    raise KeyboardInterrupt("secret reason")


def left(request: HttpRequest) -> None:
    raise SystemExit("secret reason")


def closed(request: HttpRequest) -> None:
    raise GeneratorExit("secret reason")


def dressed(request: HttpRequest) -> HttpResponse:
    """Answer with headers of all kinds, those among them that are not a handler's to write."""
    connection = [("content-length", "99"), ("transfer-encoding", "chunked"), ("connection", "close"), ("upgrade", "x")]
    own = [("x-part", "one"), ("x-part", "two"), ("x-latin", "é\tü"), ("location", "../a?b"), ("set-cookie", "a=1")]
    return HttpResponse(b"hello", status=201, headers=[*connection, *own, ("Set-Cookie", "b=2, c")])


def statused(request: HttpRequest) -> HttpResponse:
    """Answer with the status of the query, and a body."""
    return HttpResponse(b"body", status=int(request.query["status"]))


_TURNS: list[str] = []


def turn(request: HttpRequest) -> list[str]:
    """Note that it runs, and take as long as the query says."""
    _TURNS.append(request.query["name"])
    time.sleep(float(request.query.get("seconds") or 0))
    return _TURNS


def turns(request: HttpRequest) -> list[str]:
    """Answer with the name of each turn that has begun."""
    return _TURNS
