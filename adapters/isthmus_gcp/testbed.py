"""An app that is deployed already, for a test: what its users could do with it, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.http.response import HttpResponse
from isthmus.testing.deployed import DeployedTestbed, Requests, sound
from isthmus.testing.exact_requests import ExactRequest, exchange
from isthmus_gcp.deployed_app import DeployedApp
from isthmus_gcp.linked import CLIENTS
from isthmus_gcp.secret_store import SecretStore

TIMEOUT = 60.0
"""Seconds after which there was no answer, beyond the longest that a route may take."""


def testbed(app: Callable[[Target], App], **options: Any) -> GcpTestbed:
    """Return the deployed app: see `GcpTestbed` for the options."""
    return GcpTestbed(app, **options)


class GcpTestbed(DeployedTestbed):
    """A deployed app, seen from a test: see `isthmus.ports.Testbed`.

    `stage`, `account` (the project) and `region` are the target's; the last two come from the usual environment where
    they are not given. `urls` maps an api's declared name to its address: an api behind API Gateway needs it, the
    function of any other is known by its name.
    """

    __test__ = False

    def __init__(
        self,
        app: Callable[[Target], App],
        *,
        stage: str = "test",
        account: str = "",
        region: str = "",
        urls: Mapping[str, str] | None = None,
    ) -> None:
        target = Target("gcp", stage, account=account, region=region)
        declared = sound(app(target))
        self._reached = DeployedApp(declared, target)
        self._urls = urls or {}
        super().__init__(declared, self._reached, CLIENTS)

    def requests(self, api: Api) -> Requests:
        """Return what sends requests to the address of an api."""
        return ApiRequests(self._urls.get(api.name) or self._reached.address(api), _patience(api))

    def keep_secret(self, name: str, value: str) -> None:
        """Set a secret in Secret Manager."""
        SecretStore(self._reached.app.name, self._reached.target).set(name, value)


class ApiRequests:
    """Sends requests to the api at an address."""

    def __init__(self, address: str, timeout: float) -> None:
        self._address = address
        self._timeout = timeout

    def send(self, request: ExactRequest) -> HttpResponse:
        """Return the answer to one request."""
        return exchange(request, self._address, timeout=self._timeout)


def _patience(api: Api) -> float:
    return TIMEOUT + max((route.function.timeout for route in api.routes), default=0)
