"""HTTP requests sent as they are: no path is normalised, no redirect followed, no proxy used."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from isthmus.errors import ServiceError
from isthmus.http.response import HttpResponse

Headers = Sequence[tuple[str, str]]


class ExactRequest(NamedTuple):
    """A request; `target` is the path with the query, percent-encoded."""

    method: str
    target: str
    headers: Headers
    body: bytes


def exchange(request: ExactRequest, address: str, *, door: str = "", timeout: float, what: str = "") -> HttpResponse:
    """Return the answer to a request below the URL `address`; `ServiceError` where there is none.

    With `door`, a URL, it goes there, and `address` is only its Host. `what` names who was asked.
    """
    asked = urlsplit(address)
    entered = urlsplit(door) if door else asked
    make = http.client.HTTPSConnection if entered.scheme == "https" else http.client.HTTPConnection
    connection = make(entered.hostname or "", entered.port, timeout=timeout)
    try:
        _send(connection, request, asked.netloc, asked.path.rstrip("/") + request.target)
        return _response(connection.getresponse())
    except (OSError, http.client.HTTPException) as error:
        told = f"{request.method} {request.target} of {what or asked.netloc}"
        raise ServiceError(f"{told} was not answered: {error}") from error
    finally:
        connection.close()


def _send(connection: http.client.HTTPConnection, request: ExactRequest, host: str, target: str) -> None:
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in [("host", host), *request.headers]:
        connection.putheader(name, value)
    given = {name.lower() for name, _ in request.headers}
    measured = request.body or request.method in ("POST", "PUT", "PATCH")
    if measured and not given & {"content-length", "transfer-encoding"}:
        connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body or None)


def _response(answer: http.client.HTTPResponse) -> HttpResponse:
    body = answer.read()
    return HttpResponse(body, status=answer.status, headers=answer.getheaders())
