"""What tasks call once they are deployed: whoever deploys says it, the compiler writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from isthmus.workflows.definition import State
from isthmus.workflows.tasks import Task


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A private function: a POST of the payload, with an identity token whose audience is the URL."""

    url: str


@dataclass(frozen=True, slots=True)
class IntegrationCall:
    """The app's own function for service integrations: a POST of `{"resource": …, "action": …, "arguments": …}`.

    It answers as a function does, with what the service would return.
    """

    url: str
    resource: str


@dataclass(frozen=True, slots=True)
class TopicPublish:
    """A topic of Pub/Sub, `projects/P/topics/T`: the payload is the JSON body of one message."""

    topic: str


@dataclass(frozen=True, slots=True)
class WorkflowStart:
    """A workflow, `projects/P/locations/L/workflows/W`: the payload is its input."""

    workflow: str


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request to what the arguments say.

    `headers` are added to it; `authorized` says that they bring what the document's connection would.
    """

    headers: Mapping[str, str] = field(default_factory=lambda: {})
    authorized: bool = False


Call: TypeAlias = FunctionCall | IntegrationCall | TopicPublish | WorkflowStart | HttpCall
"""How a task is called."""


class Targets(Protocol):
    """Knows how the tasks of one workflow are called."""

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for; `UnportableError` says why it stands for nothing."""
        ...

    def call(self, state: State, task: Task) -> Call:
        """Return how it is called; `UnportableError` says why it cannot be."""
        ...
