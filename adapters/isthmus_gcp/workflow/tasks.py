"""Task: what it calls, how long that may take, and the token that completes it."""

from __future__ import annotations

from isthmus.workflows.definition import State
from isthmus_gcp.workflow import flow, limits
from isthmus_gcp.workflow.calls import Work, called
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.failures import attempt
from isthmus_gcp.workflow.numbers import number
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.steps import CONTEXT, Steps
from isthmus_gcp.workflow.targets import Targets

HEARTBEAT = ("HeartbeatSeconds", "HeartbeatSecondsPath")


def work(steps: Steps, state: State, targets: Targets) -> None:
    """Write what a Task does, up to its output."""
    for field in HEARTBEAT:
        if field in state.fields:
            raise UnportableError("Workflows has no heartbeats", f"/{field}")
    with flow.within("Resource"):
        task = targets.task(state)
    callback = task.pattern == "callback"
    if callback:
        _token(steps)
    arguments = steps.short(flow.arguments(steps, state.fields))
    timeout = number(steps, state, "TimeoutSeconds", least=1)
    with flow.within("Resource"):
        call = targets.call(state, task)
    result = called(steps, Work(state, task, arguments, attempt(state), timeout), call)
    if callback:
        seconds = steps.seconds(limits.EXECUTION_SECONDS if timeout is None else timeout)
        result = steps.call("states_await", {"callback": "${callback}", "timeout": seconds}, "await", "result")
    flow.leave(steps, state.fields, result)


def _token(steps: Steps) -> None:
    """Let the fields of the state see a token, which is the URL of a callback."""
    steps.call("events.create_callback_endpoint", {"http_callback_method": "POST"}, "token", "callback")
    token = steps.let({"Task": {"Token": "${callback.url}"}})
    steps.assign("called", expression(f"map.merge({CONTEXT}, {token})"))
    steps.context = "called"
