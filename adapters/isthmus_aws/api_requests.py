"""Requests to a deployed HTTP API, sent as they are: no path is normalised, no redirect followed, no proxy used."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from isthmus.errors import IsthmusError, ServiceError
from isthmus.http.response import HttpResponse
from isthmus.links import Link
from isthmus_aws.clients.asking import Asking
from isthmus_aws.services import Services

TIMEOUT = 60.0
"""Seconds after which there was no answer: an HTTP API gives up after 30."""


LOOK = "look for"
"""What the link of `Asking` must grant."""


class ApiNotDeployedError(IsthmusError, LookupError):
    """No HTTP API has the name that the declared one would have."""


class ApiRequests:
    """Sends requests to the HTTP API named `name`, which is looked up once; `url` is its address where that is known.

    With `endpoint` they go there, and the API's own host is their Host.
    """

    def __init__(self, services: Services, name: str, *, url: str = "", endpoint: str = "") -> None:
        self._services = services
        self._name = name
        self._url = url
        self._endpoint = endpoint

    def send(self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes) -> HttpResponse:
        """Return the answer to one request; `target` is the path with the query, percent-encoded."""
        address = urlsplit(self._address())
        door = urlsplit(self._endpoint) if self._endpoint else address
        make = http.client.HTTPSConnection if door.scheme == "https" else http.client.HTTPConnection
        connection = make(door.hostname or "", door.port, timeout=TIMEOUT)
        try:
            _send(connection, method, address.path.rstrip("/") + target, [("host", address.netloc), *headers], body)
            return _response(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            raise ServiceError(f"{method} {target} of {self._name} was not answered: {error}") from error
        finally:
            connection.close()

    def _address(self) -> str:
        if not self._url:
            self._url = self._found()
        return self._url

    def _found(self) -> str:
        found = [api for api in _apis(self._services, self._name) if api["Name"] == self._name]
        if len(found) != 1:
            what = f"{len(found)} HTTP APIs are" if found else "no HTTP API is"
            raise ApiNotDeployedError(
                f"{what} named {self._name!r} in {self._services.region}: run `pulumi up`, or give urls"
            )
        address: str = found[0]["ApiEndpoint"]
        return address


def _apis(services: Services, name: str) -> Iterator[Mapping[str, Any]]:
    asking = Asking(Link("api", name, name, (LOOK,)), services, "apigatewayv2")
    token: dict[str, str] = {}
    while True:
        page = asking.ask(LOOK, "get_apis", **token)
        yield from page["Items"]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
) -> None:
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    given = {name.lower() for name, _ in headers}
    if (body or method in ("POST", "PUT", "PATCH")) and not given & {"content-length", "transfer-encoding"}:
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body or None)


def _response(answer: http.client.HTTPResponse) -> HttpResponse:
    body = answer.read()
    return HttpResponse(body, status=answer.status, headers=answer.getheaders())
