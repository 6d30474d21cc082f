"""Requests to a deployed HTTP API, which is looked up by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isthmus.errors import IsthmusError
from isthmus.http.response import HttpResponse
from isthmus.links import Link
from isthmus.testing.exact_requests import ExactRequest, exchange
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

    def send(self, request: ExactRequest) -> HttpResponse:
        """Return the answer to one request."""
        return exchange(request, self._address(), door=self._endpoint, timeout=TIMEOUT, what=self._name)

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
