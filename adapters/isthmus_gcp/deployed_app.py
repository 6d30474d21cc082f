"""A deployed app from outside: its declared resources by name, and what one may do with them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from isthmus import links
from isthmus.components.whole_api import whole_name
from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError
from isthmus.identities import link_properties
from isthmus.links import Identity, Link
from isthmus.message import Message
from isthmus.wiring import deliveries, used_resources
from isthmus_gcp import dead_letter_subscription, function_address, names
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.function import INBOX
from isthmus_gcp.clients.sent import DATABASE
from isthmus_gcp.clients.tasks import QUEUE
from isthmus_gcp.linked import factories
from isthmus_gcp.rest import Rest
from isthmus_gcp.services import Services
from isthmus_gcp.signed_in import signed_in

VISITOR = "(from outside)"
"""What stands for a function's name in the identity of whoever is none."""

REACH = dead_letter_subscription.LOOK
"""What a link must grant to be asked from outside."""

ACCOUNT = "ISTHMUS_ACCOUNT"

_NOTHING: Mapping[str, str] = {}
_SCHEDULER = ("cloudscheduler.googleapis.com", "CLOUD_SCHEDULER_EMULATOR_HOST")
_FUNCTIONS = ("cloudfunctions.googleapis.com", function_address.VARIABLE)


class DeployedApp:
    """`app` as it is deployed on `target`: the project and region are the environment's where the target names none."""

    def __init__(self, app: App, target: Target) -> None:
        self.app = app
        self.target = signed_in(target)
        self.services = self._services()
        self._clients: dict[str, Any] = {}

    def client(self, resource: Resource) -> Any:
        """Return a client of a resource, with all of its verbs."""
        if resource.name not in self._clients:
            factory = factories(self._services(resource)).get(resource.kind)
            if factory is None:
                raise InvalidValueError(
                    f"{resource.kind} {resource.name!r} is nothing that a function could be linked to"
                )
            self._clients[resource.name] = factory(self._link(resource))
        return self._clients[resource.name]

    def forget(self, resource: Resource) -> None:
        """Drop the client of a resource, with whatever it has cached."""
        self._clients.pop(resource.name, None)

    def address(self, api: Api) -> str:
        """Return where the one function of an api is called."""
        name = names.physical_name(self.app, self.target, "function", whole_name(api))
        return function_address.address(self.target.account, self.target.region, name)

    def tick(self, schedule: Schedule) -> None:
        """Let the schedule's job fire now.

        https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/run
        """
        path = f"/v1/{self._parent}/jobs/{self.physical(schedule)}:run"
        self._asking(schedule).ask(REACH, lambda: self.rest(*_SCHEDULER).post(path, {}))

    def replay(self, stream: Stream, function: str, since: float) -> None:
        """Let Pub/Sub deliver what a stream has kept since then to one of its functions once more.

        https://cloud.google.com/pubsub/docs/replay-overview#seek_to_a_time
        """
        readers = {s.target.name: s.target for s in self.app.subscriptions if s.source is stream}
        if function not in readers:
            raise InvalidValueError(
                f"stream {stream.name!r} delivers to no function {function!r}: {did_you_mean(function, list(readers))}"
            )
        name = names.subscription_name(self.app, self.target, stream, readers[function])
        time = datetime.fromtimestamp(max(0, since), UTC)
        request = {"subscription": self.services.subscription_path(name), "time": time}
        self._asking(stream).ask(REACH, lambda: self.services.subscriber().seek(request=request))

    def dead_letters(self, source: Resource) -> list[Message]:
        """Return what could not be handled of a source, the oldest first."""
        asking = self._asking(source)
        found = [
            letter
            for subscription in self._dead_letter_subscriptions(source)
            for letter in dead_letter_subscription.peek(asking, self.services, subscription, source.name)
        ]
        return sorted(found, key=lambda letter: letter.sent_at)

    def physical(self, resource: Resource) -> str:
        """Return the fixed name of a resource."""
        return names.physical_name(self.app, self.target, resource.kind, resource.name)

    def rest(self, host: str, variable: str) -> Rest:
        """Return one of Google's REST APIs; `variable` names the host and port of what stands in for it."""
        services, emulator = self.services, os.environ.get(variable)
        if emulator:
            return Rest(f"http://{emulator}", services.http(), token=None)
        return Rest(f"https://{host}", services.http(), token=services.access_token)

    def told(self, resource: Resource | None) -> Mapping[str, str]:
        """Return the variables of a deployed function of the app: of one that sends to a resource, if there is any."""
        ours = {names.physical_name(self.app, self.target, "function", name) for name in self._functions()}
        found = [
            _variables(function)
            for function in self._deployed_functions()
            if str(function.get("name")).rpartition("/")[2] in ours
        ]
        return max([*found, _NOTHING], key=lambda variables: _use(variables, resource))

    def _deployed_functions(self) -> Iterator[Mapping[str, Any]]:
        """https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/list"""
        rest, token = self.rest(*_FUNCTIONS), ""
        while True:
            page = rest.get(f"/v2/{self._parent}/functions?pageSize=1000{token}")
            yield from page.get("functions", ())
            if not page.get("nextPageToken"):
                return
            token = f"&pageToken={page['nextPageToken']}"

    def _functions(self) -> Iterator[str]:
        for resource in used_resources(self.app):
            if isinstance(resource, Api):
                yield whole_name(resource)
                yield from (route.function.name for route in resource.routes)
            elif isinstance(resource, Function):
                yield resource.name
        yield from (delivery.function.name for delivery in deliveries(self.app))

    def _dead_letter_subscriptions(self, source: Resource) -> Sequence[str]:
        declared = getattr(source, "dead_letters", None)
        if isinstance(declared, Queue):
            used = any(resource is declared for resource in used_resources(self.app))
            return list(names.queue_subscriptions(self.app, self.target, declared))[:1] if used else []
        return [
            names.inbox_dead_letters_name(self.app, self.target, delivery.source, delivery.function)
            for delivery in deliveries(self.app)
            if delivery.source is source and isinstance(source, Schedule | Function)
        ]

    def _asking(self, resource: Resource) -> Asking:
        link = Link(resource.kind, resource.name, self.physical(resource), (REACH,))
        return Asking(link, self.services)

    def _link(self, resource: Resource) -> Link:
        properties = dict(link_properties(resource))
        if isinstance(resource, Function):
            properties[INBOX] = names.subscription_name(self.app, self.target, resource, resource)
        return Link(resource.kind, resource.name, self.physical(resource), resource.verbs, properties)

    @property
    def _parent(self) -> str:
        return f"projects/{self.target.account}/locations/{self.target.region}"

    def _services(self, resource: Resource | None = None) -> Services:
        """Return the clients; what Cloud Tasks does later for a resource is done in the name of who may do it."""
        target = self.target
        identity = Identity(
            app=self.app.name,
            stage=target.stage,
            provider=target.provider,
            function=VISITOR,
            account=target.account,
            region=target.region,
        )
        return Services(identity, variables=Told(self, resource))

    def account(self, function: Function) -> str:
        """Return the address of the account that a function has."""
        name = names.account_name(self.app, self.target, function.name)
        return f"{name}@{self.target.account}.iam.gserviceaccount.com"


class Told(Mapping[str, str]):
    """The variables that a function would be told which sends to a resource: looked up when one is first needed."""

    def __init__(self, deployed: DeployedApp, resource: Resource | None) -> None:
        self._deployed = deployed
        self._resource = resource
        self._found: Mapping[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        if name == DATABASE:
            return names.sent_name(self._deployed.app, self._deployed.target)
        if name == ACCOUNT and isinstance(self._resource, Function):
            return self._deployed.account(self._resource)  # a function may call itself
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        return iter((DATABASE, *self._known()))

    def __len__(self) -> int:
        return 1 + len(self._known())

    def _known(self) -> Mapping[str, str]:
        if self._found is None:
            told = self._deployed.told(self._resource)
            self._found = {name: told[name] for name in (QUEUE, ACCOUNT) if name in told}
        return self._found


def _variables(function: Mapping[str, Any]) -> Mapping[str, str]:
    config: Mapping[str, Any] = function.get("serviceConfig") or {}
    found: Mapping[str, str] = config.get("environmentVariables") or {}
    return found


def _use(variables: Mapping[str, str], resource: Resource | None) -> tuple[bool, bool]:
    """Return of how much use a function's variables are to whoever sends to a resource."""
    known: Mapping[str, Link] = links.decode(variables[links.VARIABLE]).links if links.VARIABLE in variables else {}
    link = known.get(resource.name) if resource else None
    return QUEUE in variables, link is not None and "send" in link.verbs
