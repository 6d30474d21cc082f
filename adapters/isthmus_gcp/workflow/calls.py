"""How a Task's work is called, by what the targets say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isthmus.shapes import is_mapping
from isthmus.workflows.definition import State
from isthmus.workflows.tasks import Task
from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.steps import Steps
from isthmus_gcp.workflow.targets import (
    Call,
    FunctionCall,
    HttpCall,
    IntegrationCall,
    TopicPublish,
    WorkflowStart,
)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be called: `arguments` is the code of what the state works on, `attempt` that of which attempt it is.

    `timeout` is the seconds that it may take, as a value of YAML; None where nothing is said.
    """

    state: State
    task: Task
    arguments: str
    attempt: str
    timeout: Any

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return the state's `Parameters`, where they are an object."""
        found = self.state.fields.get("Parameters")
        return found if is_mapping(found) else {}

    def seconds(self, steps: Steps, most: int) -> Any:
        """Return the seconds that a call may take, as a value of YAML."""
        if self.timeout is None:
            return steps.seconds(most)
        if isinstance(self.timeout, int):
            return steps.seconds(min(self.timeout, most))
        return steps.seconds(expression(f"math.min({self.timeout[2:-1]}, {most})"))


def called(steps: Steps, work: Work, call: Call) -> str:
    """Write the call, and return the code of its result."""
    return _WAYS[type(call)](steps, work, call)


def _function(steps: Steps, work: Work, call: FunctionCall) -> str:
    if not work.task.integrated:
        return _posted(steps, work, call.url, work.arguments)
    asynchronous = work.parameters.get("InvocationType", "RequestResponse") != "RequestResponse"
    if asynchronous or "InvocationType.$" in work.parameters:
        raise UnportableError("only what is waited for can be invoked", "/Parameters/InvocationType")
    payload = steps.let(expression(f'map.get({work.arguments}, "Payload")'))
    result = _posted(steps, work, call.url, payload)
    shown = f"json.encode_to_string({result})" if work.task.form == "sdk" else result
    return steps.let({"ExecutedVersion": "$LATEST", "Payload": expression(shown), "StatusCode": 200})


def _integration(steps: Steps, work: Work, call: IntegrationCall) -> str:
    asked = {"resource": call.resource, "action": work.task.action, "arguments": expression(work.arguments)}
    asked |= {"form": work.task.form} if work.task.form else {}
    return _posted(steps, work, call.url, steps.let(asked))


def _posted(steps: Steps, work: Work, url: str, payload: str) -> str:
    arguments = {
        "url": steps.text(url),
        "payload": expression(payload),
        "envelope": "${envelope}",
        "attempt": expression(work.attempt),
        "timeout": work.seconds(steps, limits.HTTP_SECONDS),
    }
    return steps.call("states_call", arguments, "call", "result")


def _published(steps: Steps, work: Work, call: TopicPublish) -> str:
    if work.task.integrated:
        raise UnportableError("what an integration sends goes through the app's function for integrations")
    arguments = {
        "topic": steps.text(call.topic),
        "payload": expression(work.arguments),
        "envelope": "${envelope}",
        "timeout": work.seconds(steps, limits.HTTP_SECONDS),
    }
    return steps.call("states_publish", arguments, "publish", "result")


def _started(steps: Steps, work: Work, call: WorkflowStart) -> str:
    payload = _input(steps, work)
    arguments = {"workflow": steps.text(call.workflow), "payload": expression(payload)}
    if work.task.pattern != "sync":
        execution = steps.call("states_start", arguments, "start", "result")
        found = {"ExecutionArn": f"${{{execution}.name}}"}
        return steps.let(found | ({"StartDate": f"${{{execution}.startTime}}"} if work.task.integrated else {}))
    arguments["timeout"] = work.seconds(steps, limits.EXECUTION_SECONDS)
    execution = steps.call("states_run", arguments, "run", "result")
    if not work.task.integrated:
        return f"json.decode({execution}.result)"
    return steps.let(_execution(work, call, execution, payload))


def _input(steps: Steps, work: Work) -> str:
    if not work.task.integrated:
        return work.arguments
    for name in ("Name", "Name.$"):
        if name in work.parameters:
            raise UnportableError("an execution of Workflows is given no name", f"/Parameters/{name}")
    none = steps.let({})
    return steps.let(expression(f'default(map.get({work.arguments}, "Input"), {none})'))


def _execution(work: Work, call: WorkflowStart, execution: str, payload: str) -> Mapping[str, Any]:
    """Return what has become of an execution, as the integration tells it: in JSON with `.sync:2`, else in text."""
    is_json = work.task.form == "json"
    given = payload if is_json else f"json.encode_to_string({payload})"
    return {
        "ExecutionArn": f"${{{execution}.name}}",
        "Input": expression(given),
        "Name": f"${{{execution}.name}}",
        "Output": f"${{json.decode({execution}.result)}}" if is_json else f"${{{execution}.result}}",
        "StartDate": f"${{{execution}.startTime}}",
        "StateMachineArn": call.workflow,
        "Status": "SUCCEEDED",
        "StopDate": f"${{{execution}.endTime}}",
    }


def _requested(steps: Steps, work: Work, call: HttpCall) -> str:
    if "Authentication" in work.parameters and not call.authorized:
        raise UnportableError("a connection is no resource of an app", "/Parameters/Authentication")
    if "Transform" in work.parameters:
        raise UnportableError("the request is sent as JSON, and not transformed", "/Parameters/Transform")
    arguments = {
        "request": expression(work.arguments),
        "headers": steps.literal(dict(call.headers)),
        "timeout": work.seconds(steps, limits.HTTP_SECONDS),
    }
    return steps.call("states_request", arguments, "request", "result")


_WAYS: Mapping[type, Callable[[Steps, Work, Any], str]] = {
    FunctionCall: _function,
    IntegrationCall: _integration,
    TopicPublish: _published,
    WorkflowStart: _started,
    HttpCall: _requested,
}
