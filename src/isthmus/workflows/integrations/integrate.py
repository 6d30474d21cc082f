"""What a task does that calls no handler: over the neutral clients, by the kind of what it calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    MissingExtraError,
    NotLinkedError,
    ObjectNotFoundError,
    ServiceError,
)
from isthmus.payload import dumps
from isthmus.shapes import is_mapping, shown
from isthmus.workflows.integrations import bucket, function, http_call, queue, table, topic, workflow
from isthmus.workflows.integrations.refusals import (
    RefusedError,
    check_known,
    names_written,
    text,
    unsupported_argument,
    written,
)
from isthmus.workflows.resource_uris import Failure, error_name
from isthmus.workflows.states_error import RUNTIME, TASK_FAILED, StatesError
from isthmus.workflows.tasks import Task

Clients = Callable[[str], Any]
"""Returns the neutral client of what a document calls by a name; `LookupError` where nothing is called so."""


def integrate(task: Task, arguments: Any, clients: Clients) -> Any:
    """Do what a task asks, and return its result; `StatesError` by the name that the language has for a failure."""
    try:
        return _done(task, arguments, clients)
    except (StatesError, MissingExtraError):
        raise
    except Exception as error:  # a document may say anything, and the clients have a word for most of it
        raise StatesError(_name(task, error), _cause(task, error)) from error


def unsupported(task: Task, arguments_document: Any) -> list[str]:
    """Return what a task asks that no client can express, as far as its `Parameters` or `Arguments` say it."""
    known = _known(task) if task.integrated or task.kind == "http" else None
    if known is None:
        return []
    unknown = sorted(names_written(arguments_document) - known)
    said = written(arguments_document)
    found = [unsupported_argument(name, known) for name in unknown]
    if said is not None and task.kind == "table":
        found += table.problems(task.action, said)
    return found


def _done(task: Task, arguments: Any, clients: Clients) -> Any:
    if task.kind == "http":
        return http_call.run(arguments)
    if not task.integrated:
        return _neutral(task, arguments, clients)
    if not is_mapping(arguments):
        raise RefusedError(f"the arguments of an integration are an object, not {shown(arguments)}")
    known = _known(task)
    if known is None:
        raise RefusedError(f"{task.kind}: there is no integration of {shown(task.action)}")
    check_known(arguments, known)
    result = _integrated(task, arguments, clients)
    return result if task.form == "sdk" else {**result, **_metadata()}


def _integrated(task: Task, arguments: Mapping[str, Any], clients: Clients) -> dict[str, Any]:
    if task.action == "putEvents":
        return topic.put_events(arguments, clients)
    name = text(arguments, task.naming) if task.naming else task.name
    return _RUN[task.kind](task, arguments, clients(name))


def _neutral(task: Task, arguments: Any, clients: Clients) -> Any:
    """Do what a task of a neutral name asks: its arguments are the payload."""
    client = clients(task.name)
    if task.kind == "function":
        return function.call(client, arguments)
    if task.kind == "queue":
        return {"MessageId": client.send(_json(arguments))}
    if task.kind == "topic":
        return {"MessageId": client.publish(_json(arguments))}
    if task.kind != "workflow":
        raise RefusedError(f"{task.name!r} is a {task.kind or 'name'} that no task can call")
    identifier = client.start(arguments)
    if task.pattern == "sync":
        return workflow.ended(task, workflow.wait(client, identifier))
    return {"ExecutionArn": identifier}


def _json(arguments: Any) -> Any:
    """Return the body of a message whose JSON the arguments are: a client would send text as it stands."""
    return dumps(arguments) if isinstance(arguments, str) else arguments


def _known(task: Task) -> frozenset[str] | None:
    return _KNOWN.get(task.kind) or _KNOWN_BY_ACTION.get(task.kind, {}).get(task.action)


def _metadata() -> dict[str, Any]:
    """Return what an optimized integration says of the call to its service."""
    call = str(uuid4())
    headers = {"x-request-id": call}
    http = {"AllHttpHeaders": {name: [value] for name, value in headers.items()}, "HttpHeaders": headers}
    return {"SdkHttpMetadata": {**http, "HttpStatusCode": function.OK}, "SdkResponseMetadata": {"RequestId": call}}


def _name(task: Task, error: Exception) -> str:
    if not task.integrated or task.kind == "http":
        return RUNTIME if isinstance(error, RefusedError) else "ServiceError" if _is_service(error) else TASK_FAILED
    return error_name(task, _failure(error))


def _failure(error: Exception) -> Failure:
    for kind, failure in _FAILURES:
        if isinstance(error, kind):
            return failure
    return "service"


def _is_service(error: Exception) -> bool:
    return isinstance(error, ServiceError | OSError)


def _cause(task: Task, error: Exception) -> str:
    if task.integrated:
        return str(error) or type(error).__name__
    return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}, ensure_ascii=False)


_FAILURES: tuple[tuple[type[Exception], Failure], ...] = (
    (ConditionFailedError, "condition"),
    (ObjectNotFoundError, "missing"),
    (NotLinkedError, "missing"),
    (AccessDeniedError, "invalid"),
    (LookupError, "missing"),
    (ValueError, "invalid"),
    (TypeError, "invalid"),
    (RecursionError, "invalid"),
)
"""What each error of a client means to an integration; any other one is the service's own."""

_KNOWN: Mapping[str, frozenset[str]] = {
    "queue": queue.KNOWN,
    "workflow": workflow.KNOWN,
    "function": function.KNOWN,
    "http": http_call.KNOWN,
}

_KNOWN_BY_ACTION: Mapping[str, Mapping[str, frozenset[str]]] = {
    "table": table.KNOWN,
    "topic": topic.KNOWN,
    "bucket": bucket.KNOWN,
}
"""The arguments that integrations take."""

_RUN: Mapping[str, Callable[[Task, Mapping[str, Any], Any], dict[str, Any]]] = {
    "table": table.run,
    "queue": queue.run,
    "topic": topic.publish,
    "bucket": bucket.run,
    "workflow": workflow.run,
    "function": function.run,
}
