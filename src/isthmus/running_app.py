"""A deployed app, as `isthmus invoke`, `send` and their like reach it, whatever it is deployed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.topic import Topic
from isthmus.declarations.workflow import Workflow
from isthmus.errors import InvalidValueError
from isthmus.message import Message
from isthmus.running_executions import DeployedExecutions
from isthmus.wiring import trigger_kinds

R = TypeVar("R", bound=Resource)


class DeployedApp(Protocol):
    """A deployed app from outside, as a provider knows it: its declared resources, and what one may do with them."""

    def client(self, resource: Resource) -> Any:
        """Return a client of a resource, with all of its verbs; `InvalidValueError` where there is none of its kind."""
        ...

    def forget(self, resource: Resource) -> None:
        """Drop the client of a resource, with whatever it has cached."""
        ...

    def tick(self, schedule: Schedule) -> None:
        """Let a schedule fire now."""
        ...

    def replay(self, stream: Stream, function: str, since: float) -> None:
        """Deliver the kept records of a stream again to one of its functions."""
        ...

    def dead_letters(self, source: Resource) -> list[Message]:
        """Return what could not be handled of a source, the oldest first."""
        ...


class RunningApp:
    """An app that runs where `reach` finds it: see `isthmus.tool_ports.RunningApp`."""

    def __init__(self, app: App, reach: Callable[[], DeployedApp]) -> None:
        self._app = app
        self._reach = reach

    @cached_property
    def _deployed(self) -> DeployedApp:
        return self._reach()

    def invoke(self, function: str, payload: Any) -> Any:
        """Call a function with a JSON payload and return its result."""
        declared = self._declared(Function, function)
        kinds = trigger_kinds(self._app).get(id(declared), set())
        if "task" not in kinds:
            taken = ", ".join(sorted(kinds))
            raise InvalidValueError(
                f"function {function!r} takes events of {taken}, not a payload: cause such an event, "
                "or link the function to another one, which may then invoke it"
            )
        return self._deployed.client(declared).invoke(payload)

    def send(self, queue: str, body: Any, *, attributes: Mapping[str, str], group: str | None = None) -> str:
        """Send a message to a queue and return its id."""
        sent: str = self._client(Queue, queue).send(body, attributes=attributes, group=group)
        return sent

    def publish(self, topic: str, body: Any, *, attributes: Mapping[str, str | int | float]) -> str:
        """Publish a message to a topic and return its id."""
        published: str = self._client(Topic, topic).publish(body, attributes=attributes)
        return published

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self._deployed.tick(self._declared(Schedule, schedule))

    def replay(self, stream: str, function: str, *, since: float) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since` (epoch seconds)."""
        self._deployed.replay(self._declared(Stream, stream), function, since)

    def dead_letters(self, source: str) -> Sequence[Message]:
        """Return what could not be handled of a source, the oldest first."""
        return self._deployed.dead_letters(self._declared(Resource, source))

    def workflow(self, name: str) -> DeployedExecutions:
        """Return the executions of a workflow."""
        return DeployedExecutions(self._client(Workflow, name))

    def _client(self, kind: type[Resource], name: str) -> Any:
        return self._deployed.client(self._declared(kind, name))

    def _declared(self, kind: type[R], name: str) -> R:
        known = {resource.name: resource for resource in self._app.resources if isinstance(resource, kind)}
        if name not in known:
            what = getattr(kind, "kind", "") or "resource"
            raise InvalidValueError(f"the app declares no {what} {name!r}: {did_you_mean(name, list(known))}")
        return known[name]
