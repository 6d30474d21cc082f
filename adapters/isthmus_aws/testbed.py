"""An app that is deployed already, for a test: what its users could do with it, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.settings import Secret
from isthmus.declarations.stream import Stream
from isthmus.declarations.target import Target
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.plan import PlanError
from isthmus.testing.errors import UnknownResourceError
from isthmus.testing.factories import encode_request, request_target
from isthmus_aws.api_requests import ApiRequests
from isthmus_aws.deployed_app import DeployedApp
from isthmus_aws.linked import CLIENTS
from isthmus_aws.secret_store import SecretStore

R = TypeVar("R", bound=Resource)


def testbed(app: Callable[[Target], App], **options: Any) -> AwsTestbed:
    """Return the deployed app: see `AwsTestbed` for the options."""
    return AwsTestbed(app, **options)


class AwsTestbed:
    """A deployed app, seen from a test: see `isthmus.ports.Testbed`.

    `stage`, `account` and `region` are the target's; the last two come from the usual AWS environment where they are
    not given. `endpoint` stands in for AWS (`AWS_ENDPOINT_URL` does as well, but for requests to an api). `urls` maps
    an api's declared name to its address, which is looked up otherwise.
    """

    __test__ = False

    def __init__(
        self,
        app: Callable[[Target], App],
        *,
        stage: str = "test",
        account: str = "",
        region: str = "",
        endpoint: str = "",
        urls: Mapping[str, str] | None = None,
    ) -> None:
        import os

        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL", "")
        target = Target("aws", stage, account=account, region=region)
        declared = app(target)
        if declared.problems:
            raise PlanError(declared.problems)
        self._deployed = DeployedApp(declared, target, endpoint=endpoint)
        self._resources = {resource.name: resource for resource in declared.resources}
        self._urls = urls or {}
        self._apis: dict[str, ApiRequests] = {}

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
        return self._api(api).send(method, request_target(path, query), pairs, content)

    def resource(self, name: str) -> Any:
        """Return a client of a declared resource, with all of its verbs."""
        resource = self._declared(name, Resource)
        if resource.kind not in CLIENTS:
            linkable = [known.name for known in self._resources.values() if known.kind in CLIENTS]
            raise UnknownResourceError("linkable resource", name, linkable)
        return self._deployed.client(resource)

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self._deployed.tick(self._declared(schedule, Schedule))

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret's value; functions that have read the one before may keep that for 5 minutes."""
        secret = self._declared(name, Secret)
        deployed = self._deployed
        SecretStore(deployed.app.name, deployed.target, endpoint=deployed.endpoint).set(name, value)
        deployed.forget(secret)

    def replay(self, stream: str, function: str, *, since: float = 0) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since`."""
        self._deployed.replay(self._declared(stream, Stream), function, since)

    def dead_letters(self, source: str) -> list[Message]:
        """Return what could not be handled of a queue, topic, table, stream, bucket, schedule or function."""
        return self._deployed.dead_letters(self._declared(source, Resource))

    def close(self) -> None:
        """Do nothing: what was deployed stays."""

    def _api(self, name: str | None) -> ApiRequests:
        apis = [resource.name for resource in self._resources.values() if isinstance(resource, Api)]
        chosen = apis[0] if name is None and len(apis) == 1 else name
        if chosen is None or chosen not in apis:
            raise UnknownResourceError("api", chosen, apis)
        if chosen not in self._apis:
            deployed, url = self._deployed, self._urls.get(chosen, "")
            physical = deployed.physical(self._resources[chosen])
            self._apis[chosen] = ApiRequests(deployed.services, physical, url=url, endpoint=deployed.endpoint)
        return self._apis[chosen]

    def _declared(self, name: str, kind: type[R]) -> R:
        resource = self._resources.get(name)
        if not isinstance(resource, kind):
            known = [name for name, resource in self._resources.items() if isinstance(resource, kind)]
            raise UnknownResourceError(kind.__name__.lower(), name, known)
        return resource
