"""The testbed of an app that is deployed already: what its users could do with it, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.settings import Secret
from isthmus.declarations.stream import Stream
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.plan import PlanError
from isthmus.running_app import DeployedApp
from isthmus.testing.errors import UnknownResourceError
from isthmus.testing.exact_requests import ExactRequest
from isthmus.testing.factories import encode_request, request_target

R = TypeVar("R", bound=Resource)


class Requests(Protocol):
    """Sends requests to one api."""

    def send(self, request: ExactRequest) -> HttpResponse:
        """Return the answer to a request; `ServiceError` where there is none."""
        ...


class DeployedTestbed:
    """A deployed app, seen from a test: see `isthmus.ports.Testbed`.

    A provider's own says how its apis are asked (`requests`) and how a secret is set (`keep_secret`). `linkable` are
    the kinds of resources that have clients.
    """

    __test__ = False

    def __init__(self, app: App, deployed: DeployedApp, linkable: Collection[str]) -> None:
        self._deployed = deployed
        self._resources = {resource.name: resource for resource in app.resources}
        self._linkable = linkable
        self._apis: dict[str, Requests] = {}

    def requests(self, api: Api) -> Requests:
        """Return what sends requests to an api."""
        raise NotImplementedError

    def keep_secret(self, name: str, value: str) -> None:
        """Make `value` the current one of a secret."""
        raise NotImplementedError

    def request(
        self,
        method: str,
        path: str,
        *,
        api: str | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: bytes | str | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send a request to an api and return the answer."""
        pairs, content = encode_request(headers, body=body, json=json, form=form)
        return self._api(api).send(ExactRequest(method, request_target(path, query), pairs, content))

    def resource(self, name: str) -> Any:
        """Return a client of a declared resource, with all of its verbs."""
        resource = self._declared(name, Resource)
        if resource.kind not in self._linkable:
            linkable = [known.name for known in self._resources.values() if known.kind in self._linkable]
            raise UnknownResourceError("linkable resource", name, linkable)
        return self._deployed.client(resource)

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self._deployed.tick(self._declared(schedule, Schedule))

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret's value; functions that have read the one before may keep that for 5 minutes."""
        secret = self._declared(name, Secret)
        self.keep_secret(name, value)
        self._deployed.forget(secret)

    def replay(self, stream: str, function: str, *, since: float = 0) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since`."""
        self._deployed.replay(self._declared(stream, Stream), function, since)

    def dead_letters(self, source: str) -> list[Message]:
        """Return what could not be handled of a queue, topic, table, stream, bucket, schedule or function."""
        return self._deployed.dead_letters(self._declared(source, Resource))

    def close(self) -> None:
        """Do nothing: what was deployed stays."""

    def _api(self, name: str | None) -> Requests:
        apis = {resource.name: resource for resource in self._resources.values() if isinstance(resource, Api)}
        chosen = next(iter(apis)) if name is None and len(apis) == 1 else name
        if chosen is None or chosen not in apis:
            raise UnknownResourceError("api", chosen, list(apis))
        if chosen not in self._apis:
            self._apis[chosen] = self.requests(apis[chosen])
        return self._apis[chosen]

    def _declared(self, name: str, kind: type[R]) -> R:
        resource = self._resources.get(name)
        if not isinstance(resource, kind):
            known = [name for name, resource in self._resources.items() if isinstance(resource, kind)]
            raise UnknownResourceError(kind.__name__.lower(), name, known)
        return resource


def sound(app: App) -> App:
    """Return an app as it was declared; `PlanError` with everything that is wrong with it."""
    if app.problems:
        raise PlanError(app.problems)
    return app
