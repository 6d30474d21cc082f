"""Step Functions in ministack, where it does otherwise than AWS: variables, callbacks, the ends of executions.

What is left as it is: a path that finds nothing is null there, and a failure on AWS; it knows no filters in paths;
`HeartbeatSecondsPath` and `TimeoutSecondsPath` are not read; comparisons of texts and times by `…Path` and
`States.MathAdd` of fractions come out otherwise; `http:invoke` and `RedriveExecution` are not there.
"""

from __future__ import annotations

import contextvars
import json
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from tests.emulators.aws.corrections import permissions

_running: ContextVar[dict[str, Any]] = ContextVar("isthmus.states")
"""The context object of the execution whose state is at work, with its variables."""

_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(.*)", re.DOTALL)
_DESCENT = re.compile(r"(\$.*?)\.\.(\w+)", re.DOTALL)
_POLL = 0.02
_scripting = threading.Lock()

SCRIPT = "isthmus-script:"
"""How the resource of a scripted task begins: the rest is JSON, `{"state": …, "answers": […]}`."""


class EndedError(Exception):
    """The execution has ended while one of its tasks waited."""


def within(position: int) -> Callable[..., Any]:
    """Return what lets a function of ministack run with the context object that is its argument at `position`."""

    def run(theirs: Callable[..., Any], *args: Any) -> Any:
        ctx: Any = args[position] if len(args) > position else None
        with _within({} if ctx is None else ctx):
            return theirs(*args)

    return run


run_simple = within(2)
run_with_execution = within(3)


@contextmanager
def _within(ctx: dict[str, Any]) -> Generator[None]:
    ctx.setdefault("variables", {})
    token = _running.set(ctx)
    try:
        yield
    finally:
        _running.reset(token)


def run_pass(theirs: Callable[..., Any], state: Any, given: Any, ctx: Any = None) -> Any:
    """A Pass, or a Wait: its Assign sees the input."""
    with _within(ctx):
        result = theirs(state, given, ctx)
        _assign(state, given)
        return result


def run_choice(theirs: Callable[..., Any], state: Any, given: Any, ctx: Any = None) -> Any:
    """A Choice: the rule that matches assigns, or the state itself where none does."""
    with _within(ctx):
        result = theirs(state, given, ctx)
        if not _is_jsonata(state):
            rules = state.get("Choices", [])
            _assign(next((rule for rule in rules if _states()._evaluate_rule(rule, given, ctx)), state), given)
        return result


def select(theirs: Callable[..., Any], state: Any, result: Any) -> Any:
    """A Task, Parallel or Map: its Assign sees the result as it came."""
    if state.get("Type") != "Pass":
        _assign(state, result)
    return theirs(state, result)


def catch(theirs: Callable[..., Any], catcher: Any, given: Any, ctx: Any, language: str, error: Any) -> Any:
    """A catcher: its Assign sees the error."""
    if language != "JSONata":
        _assign(catcher, error)
    return theirs(catcher, given, ctx, language, error)


def resolve(theirs: Callable[..., Any], path: str, data: Any) -> Any:
    """Resolve a path of a variable (`$name`), or one that descends (`$.a..name`): ministack finds nothing there."""
    named = _VARIABLE.fullmatch(path)
    if named:
        variables = _running.get({}).get("variables", {})
        if named[1] not in variables:
            raise _states()._ExecutionError("States.Runtime", f"Variable references an undefined variable: {path}")
        return theirs(f"${named[2]}", variables[named[1]])
    descends = _DESCENT.fullmatch(path)
    if descends:
        return list(_descendants(theirs(descends[1], data), descends[2]))
    return theirs(path, data)


def run_execution(theirs: Callable[..., Any], arn: str) -> None:
    """Run an execution, and end it when the machine's own `TimeoutSeconds` are over."""
    execution = _found("_executions", arn)
    machine = _found("_state_machines", execution.get("stateMachineArn"))
    seconds = json.loads(machine.get("definition") or "{}").get("TimeoutSeconds")
    if not seconds:
        theirs(arn)
        return
    alarm = threading.Timer(seconds, contextvars.copy_context().run, (_time_out, execution))
    alarm.daemon = True
    alarm.start()
    try:
        theirs(arn)
    finally:
        alarm.cancel()


def fail_execution(theirs: Callable[..., Any], execution: Any, error: str, cause: str) -> None:
    """Let an execution fail that has not ended otherwise."""
    if execution["status"] == "RUNNING":
        theirs(execution, error, cause)


def nested_failure(_theirs: Callable[..., Any], told: Any) -> tuple[str, str]:
    """Return how a task fails that waited for another execution: by one name, with that execution as its cause."""
    names = ("error", "cause", "executionArn", "input", "name", "startDate", "stateMachineArn", "status", "stopDate")
    cause = {name[0].upper() + name[1:]: told[name] for name in names if told.get(name) is not None}
    return "States.TaskFailed", json.dumps(cause, default=str)


def execution() -> str:
    """Return the ARN of the execution whose state is at work."""
    return str(_running.get()["Execution"]["Id"])


def check(resource: str, given: Any) -> None:
    """Ask the machine's role for what a task is about to do."""
    permissions.check(_running.get()["StateMachine"]["Id"], resource, given)


def wait(token: str, state: Any, timeout: float) -> bool:
    """Wait for a token to be completed; False when the time is over. Heartbeats, and the execution's end, count."""
    states = _states()
    told = states._task_tokens[token]
    execution = told["execution"]
    until, beat, heard = time.monotonic() + timeout, time.monotonic(), None
    while not told["event"].wait(_POLL):
        if states._executions[execution]["status"] != "RUNNING":
            states._task_tokens.pop(token, None)
            raise EndedError(execution)
        if told["heartbeat"] != heard:
            beat, heard = time.monotonic(), told["heartbeat"]
        if time.monotonic() - beat > state.get("HeartbeatSeconds", timeout):
            states._task_tokens.pop(token, None)
            raise states._ExecutionError("States.HeartbeatTimeout", "")
        if time.monotonic() > until:
            return False
    return True


def complete(theirs: Callable[..., Any], data: Any) -> Any:
    """Take a token that a task waits for: one that was completed, or whose execution has ended, is nobody's."""
    told = _found("_task_tokens", data.get("taskToken"))
    status = _found("_executions", told.get("execution")).get("status", "RUNNING")
    is_over = bool(told) and (told["event"].is_set() or status != "RUNNING")
    return theirs({**data, "taskToken": ""} if is_over else data)


def answer(theirs: Callable[..., Any], resource: str, given: Any) -> Any:
    """Return what a scripted task comes to: its answers in their order, and the last one from then on."""
    if not resource.startswith(SCRIPT):
        check(resource, given)
        return theirs(resource, given)
    script = json.loads(resource[len(SCRIPT) :])
    states = _states()
    found = states._executions[execution()]
    with _scripting:
        calls = found.setdefault("calls", {})
        calls[script["state"]] = number = calls.get(script["state"], 0) + 1
    told = {"resource": script["state"], "resourceType": "script", "output": json.dumps(given)}
    states._add_event(found, "TaskSubmitted", {"taskSubmittedEventDetails": told})
    answers = script["answers"]
    chosen = answers[min(number, len(answers)) - 1] if answers else {"result": given}
    if "error" in chosen:
        raise states._ExecutionError(chosen["error"], chosen.get("cause", ""))
    return chosen.get("result")


def publish(theirs: Callable[..., Any], resource: str, given: Any) -> Any:
    """Publish with the attributes, which ministack reads in the form of SNS's own requests alone."""
    flat = {name: value for name, value in given.items() if name != "MessageAttributes"}
    attributes: dict[str, dict[str, Any]] = given.get("MessageAttributes") or {}
    for number, (name, value) in enumerate(attributes.items(), 1):
        flat[f"MessageAttributes.entry.{number}.Name"] = name
        for part, content in value.items():
            flat[f"MessageAttributes.entry.{number}.Value.{part}"] = content
    return theirs(resource, flat)


def _assign(fields: Any, data: Any) -> None:
    ctx = _running.get()
    if "Assign" in fields and not _is_jsonata(fields):
        ctx["variables"].update(_states()._resolve_params_obj(fields["Assign"], data, ctx))


def _is_jsonata(fields: Any) -> bool:
    return bool(_states()._state_query_language(fields, _running.get()) == "JSONata")


def _descendants(value: Any, name: str) -> Iterator[Any]:
    for key, inner in _entries(value):
        if key == name:
            yield inner
    for _, inner in _entries(value):
        yield from _descendants(inner, name)


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is in an object, by its key, or in a list, by none."""
    if _is(value, dict):
        yield from value.items()
    elif _is(value, list):
        yield from (("", inner) for inner in value)


def _is(value: Any, kind: type[Any]) -> bool:
    return type(value) is kind


def _found(what: str, key: Any) -> dict[str, Any]:
    """Return something that ministack keeps of executions, machines or tokens; nothing where there is none."""
    kept: dict[str, Any] = getattr(_states(), what).get(key) or {}
    return kept


def _time_out(execution: Any) -> None:
    if execution["status"] == "RUNNING":
        execution["status"] = "TIMED_OUT"
        execution["stopDate"] = _states().now_iso()
        _states()._add_event(execution, "ExecutionTimedOut", {})


def _states() -> Any:
    return import_module("ministack.services.stepfunctions")
