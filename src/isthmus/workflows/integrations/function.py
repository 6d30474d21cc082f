"""The integration of functions: a payload goes in, and the answer comes back with what else is said of a call.

An engine that runs functions by itself takes `payload` and `invoked` from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isthmus.errors import InvocationFailedError
from isthmus.shapes import shown
from isthmus.workflows.integrations.refusals import RefusedError
from isthmus.workflows.states_error import StatesError
from isthmus.workflows.tasks import Task

KNOWN = frozenset(("FunctionName", "Payload", "InvocationType", "Qualifier", "LogType", "ClientContext"))
"""The arguments that it takes."""

OK, ACCEPTED = 200, 202
"""What a call's StatusCode is: answered, or to be run later."""


def run(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Call the function with the payload that the arguments say; an event is only accepted."""
    kind = arguments.get("InvocationType", "RequestResponse")
    given = payload(task, arguments)
    if kind == "Event":
        client.start(given)
        return {"Payload": "", "StatusCode": ACCEPTED}
    if kind != "RequestResponse":
        raise RefusedError(f"InvocationType is RequestResponse or Event, not {shown(kind)}")
    return answered(task, call(client, given))


def call(client: Any, given: Any) -> Any:
    """Return what a function returns; what it raises fails the task by the name of the exception's class."""
    try:
        return client.invoke(given)
    except InvocationFailedError as error:
        cause = {"errorMessage": error.message, "errorType": error.type}
        raise StatesError(error.type, json.dumps(cause, ensure_ascii=False)) from error


def payload(task: Task, arguments: Any) -> Any:
    """Return what a function is called with: of an integration its Payload, of any other task all of its arguments."""
    if not task.integrated:
        return arguments
    given = arguments.get("Payload")
    if task.form != "sdk" or not isinstance(given, str):
        return {} if given is None else given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        raise RefusedError(f"Payload is JSON in this form of the integration, and {shown(given)} is none") from None


def invoked(task: Task, returned: Any) -> Any:
    """Return the result of a call that returned: of an integration with what else is said of a call."""
    return answered(task, returned) if task.integrated else returned


def answered(task: Task, returned: Any) -> dict[str, Any]:
    """Return what the language's integration says of a call that returned."""
    answer = json.dumps(returned, ensure_ascii=False) if task.form == "sdk" else returned
    return {"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": OK}
