"""Machines that are compiled and run on the test double, with tasks that come to what a test says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from isthmus.workflows.definition import State, parse
from isthmus.workflows.resource_uris import resolve
from isthmus.workflows.tasks import Task
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.targets import Call, FunctionCall, HttpCall, IntegrationCall, TopicPublish, WorkflowStart
from tests.emulators.gcp.workflows.execution import Execution
from tests.emulators.gcp.workflows.http_calls import HttpRequest, HttpResponse, NotConnectedError, json_response
from tests.emulators.gcp.workflows.workflow import Outcome, deploy

HOST = "https://tasks.test"
TOPIC = "projects/shop/topics/events"
WORKFLOW = "projects/shop/locations/europe-west1/workflows/child"


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that fails: by an exception of the handler's, or (`status`) of the platform's."""

    error: str = ""
    message: str = "it broke"
    status: int = 500


def answers_of(told: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """Return what tasks come to, by the states' names, each `{"result": …}` or `{"error": …, "cause": …}`."""
    return {state: [_answer(one) for one in answers] for state, answers in told.items()}


def _answer(told: Mapping[str, Any]) -> Any:
    return Failed(told["error"], told["cause"]) if "error" in told else told["result"]


@dataclass(frozen=True, slots=True)
class Late:
    """A task that takes longer than anybody waits."""

    result: Any = None
    seconds: float = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A task that cannot be called."""


@dataclass(frozen=True, slots=True)
class Completes:
    """A task that completes the token in its payload, after some seconds, by a callback with this body."""

    body: Any
    after: float = 0.0


@dataclass(slots=True)
class Played:
    """Targets whose tasks come to `answers`, by the state's name, one after the other, the last again and again.

    `requests` are what they were called with, `executions` those that have begun.
    """

    answers: Mapping[str, Sequence[Any]] = field(default_factory=lambda: {})
    requests: list[tuple[str, HttpRequest]] = field(default_factory=lambda: [])
    executions: list[Execution] = field(default_factory=lambda: [])

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for."""
        return resolve(str(state.fields.get("Resource")))

    def call(self, state: State, task: Task) -> Call:
        """Return how it is called here."""
        url = f"{HOST}/{state.name.encode().hex()}"
        if task.kind == "http":
            return HttpCall({"X-App": "shop"})
        if task.kind == "workflow" or task.name == "child":
            return WorkflowStart(WORKFLOW)
        if task.name == "events":
            return TopicPublish(TOPIC)
        return IntegrationCall(url, "Orders") if task.integrated and task.kind != "function" else FunctionCall(url)

    def calls(self, state: str) -> int:
        """Return how often a state's task was called."""
        return len([name for name, _ in self.requests if name == state])

    def payloads(self, state: str) -> list[Any]:
        """Return what a state's task was called with."""
        return [request.json() if request.body else None for name, request in self.requests if name == state]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a call."""
        name = _name(request.url)
        self.requests.append((name, request))
        answers = self.answers.get(name, ())
        answer = answers[min(self.calls(name), len(answers)) - 1] if answers else None
        if isinstance(answer, Completes):
            body = json.dumps(answer.body).encode()
            self.executions[0].callbacks.send(request.json()["token"], body, after=answer.after)
            return json_response(None)
        return _response(answer)


def run(
    states: Mapping[str, Any],
    given: Any = None,
    played: Played | None = None,
    **fields: Any,
) -> Outcome:
    """Compile a machine of states, the first of which it starts at, and run it."""
    played = played or Played()
    document = {"StartAt": next(iter(states)), "States": states, **fields}
    workflow = deploy(compile_workflow(parse(document), played).text)
    return workflow.run({} if given is None else given, http=played.answer, started=played.executions.append)


def error(outcome: Outcome) -> str:
    """Return the name of the error that an execution failed with."""
    assert outcome.state == "FAILED", outcome

    return str(outcome.raised["Error"])


def _name(url: str) -> str:
    if not url.startswith(HOST):
        return url
    return bytes.fromhex(url.rpartition("/")[2]).decode()


def _response(answer: Any) -> HttpResponse:
    if isinstance(answer, HttpResponse):
        return answer
    if isinstance(answer, Unreachable):
        raise NotConnectedError("nobody is there")
    if isinstance(answer, Late):
        return json_response(answer.result, seconds=answer.seconds)
    if isinstance(answer, Failed):
        told = {"error": {"type": answer.error, "message": answer.message}} if answer.error else "it broke"
        return HttpResponse(answer.status, json.dumps(told).encode(), {"content-type": "application/json"})
    return json_response(answer)
