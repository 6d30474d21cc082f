"""The resource URIs of the States Language and the service errors that it names: the one place that knows them.

A document says what a Task calls either neutrally (a handler's path, a declared name, `http`) or by such a URI; here
both become a `Task`. What the language's integrations call their services' errors is here too.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from isthmus.errors import InvalidValueError
from isthmus.shapes import is_list, is_mapping, is_text, shown
from isthmus.workflows.definition import State
from isthmus.workflows.tasks import Pattern, Task

SERVICE_ERRORS = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""What the language calls a failure of the platform that runs a function: the neutral name is `ServiceError`."""

ERROR_PREFIXES: Mapping[str, tuple[str, str]] = {
    "function": ("Lambda", "Lambda"),
    "queue": ("SQS", "Sqs"),
    "topic": ("SNS", "Sns"),
    "events": ("EventBridge", "EventBridge"),
    "table": ("DynamoDB", "DynamoDb"),
    "bucket": ("S3", "S3"),
    "workflow": ("StepFunctions", "Sfn"),
}
"""Before the dot of an integration's error names: as an optimized integration writes it, and as an SDK's does."""

Failure = Literal["condition", "missing", "invalid", "service"]
"""How an integration fails: on its condition, as it names what is not there, by what it was given, or the service's."""

_ERRORS: Mapping[str, Mapping[Failure, tuple[str, str]]] = {
    "function": {
        "invalid": ("AWSLambdaException", "LambdaException"),
        "missing": ("ResourceNotFoundException", "ResourceNotFoundException"),
        "service": ("ServiceException", "ServiceException"),
    },
    "queue": {
        "invalid": ("AmazonSQSException", "SqsException"),
        "missing": ("QueueDoesNotExistException", "QueueDoesNotExistException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
    "topic": {
        "invalid": ("AmazonSNSException", "SnsException"),
        "missing": ("NotFoundException", "NotFoundException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
    "events": {
        "invalid": ("FailedEntry", "EventBridgeException"),
        "missing": ("ResourceNotFoundException", "ResourceNotFoundException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
    "table": {
        "condition": ("ConditionalCheckFailedException", "ConditionalCheckFailedException"),
        "invalid": ("AmazonDynamoDBException", "DynamoDbException"),
        "missing": ("ResourceNotFoundException", "ResourceNotFoundException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
    "bucket": {
        "condition": ("S3Exception", "S3Exception"),
        "invalid": ("S3Exception", "S3Exception"),
        "missing": ("NoSuchKeyException", "NoSuchKeyException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
    "workflow": {
        "invalid": ("AWSStepFunctionsException", "SfnException"),
        "missing": ("StateMachineDoesNotExistException", "StateMachineDoesNotExistException"),
        "service": ("SdkClientException", "SdkClientException"),
    },
}
"""What each service calls those failures: an optimized integration's name, and that of an SDK's."""

CALLBACK = ".waitForTaskToken"
SYNC = ".sync"
SYNC_JSON = ".sync:2"
"""What a resource ends in where its task waits for a token, or for the end of what it has started."""

DEFAULT_BUS = "default"
"""What events go to that name no bus."""

ACTIONS = {"function": "invoke", "queue": "send", "topic": "publish", "workflow": "start", "http": "request"}
"""What a neutral task does with a declared resource of each kind."""


class UnmappedResourceError(InvalidValueError):
    """A task's `Resource` that nothing which an app declares can stand for."""


def resolve(resource: str) -> Task:
    """Return what a task's `Resource` asks for; `UnmappedResourceError` says why nothing can stand for it.

    A plain name may be a declared function, queue, topic or workflow: the kind of its task is "" (see `known_as`).
    """
    if len(resource) > LONGEST:
        raise UnmappedResourceError(f"a resource of {len(resource):,} characters: at most {LONGEST:,} make sense")
    if resource.startswith("arn:"):
        return _of_uri(resource)
    return _neutral(resource)


def task_of(state: State) -> Task:
    """Return what a Task state calls; `UnmappedResourceError` also where it has no `Resource` of text."""
    resource = state.fields.get("Resource")
    if not is_text(resource):
        raise UnmappedResourceError(f"state {shown(state.name)} has no Resource")
    return resolve(resource)


def known_as(task: Task, kind: str) -> Task:
    """Return the task of a plain name, as it is now that `kind` is known to be that of the declared resource."""
    if task.kind:
        return task
    if kind not in ACTIONS:
        raise UnmappedResourceError(f"{task.name!r} is a {kind}, which no task can call")
    if task.pattern == "sync" and kind != "workflow":
        raise UnmappedResourceError(f"{task.name!r} is a {kind}: {SYNC} waits for workflows alone")
    return replace(task, kind=kind, action=ACTIONS[kind])


def last_part(name: str) -> str:
    """Return the name at the end of an ARN, of a queue's address, or of a qualified function name; else `name`."""
    if name.startswith(("https://", "http://")):
        return name.rstrip("/").rpartition("/")[2]
    parts = _parts(name)
    if parts[0] == "arn" and len(parts) > ARN_PARTS:
        return _last_of_arn(parts)
    if "function" in parts[:-1]:  # 123456789012:function:name[:alias]
        return parts[parts.index("function") + 1]
    return parts[0]  # name[:alias]


def named(task: Task, arguments: Any) -> str | None:
    """Return what a task calls, as far as the document says it: None where that is computed, missing or of several.

    `arguments` is the state's `Parameters` or `Arguments`, as they stand in the document.
    """
    if task.name or not task.naming:
        return task.name or None
    found = list(_names(task.naming.split("."), arguments))
    name = found[0] if found and all(other == found[0] for other in found) else None
    return name if is_text(name) and name and not _is_computed(name) else None


def error_name(task: Task, failure: Failure) -> str:
    """Return how the language names the failure of an integration, as its form of integration does."""
    family = "events" if task.action == "putEvents" else task.kind
    sdk = task.form == "sdk"
    names = _ERRORS[family].get(failure) or _ERRORS[family]["invalid"]
    return f"{ERROR_PREFIXES[family][sdk]}.{names[sdk]}"


LONGEST = 2048
"""More characters than any resource needs: AWS allows an ARN at most as many."""

ARN_PARTS = 5
"""The parts of an ARN before the resource: arn, partition, service, region, account."""

_NAME = re.compile(r"[A-Za-z_$][\w-]*|\$\{[^{}]*\}")
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_COLON = re.compile(r":(?![^{}]*\})")
"""A colon that is not within a placeholder: templates write `arn:${AWS::Partition}:states:::…`."""

_WAITS: tuple[Pattern, ...] = ("", "callback")
_STARTS: tuple[Pattern, ...] = ("", "sync", "callback")

_INTEGRATIONS: Mapping[str, tuple[Task, tuple[Pattern, ...]]] = {
    "lambda:invoke": (Task(kind="function", action="invoke", naming="FunctionName"), _WAITS),
    "sqs:sendMessage": (Task(kind="queue", action="sendMessage", naming="QueueUrl"), _WAITS),
    "sns:publish": (Task(kind="topic", action="publish", naming="TopicArn"), _WAITS),
    "events:putEvents": (Task(kind="topic", action="putEvents", naming="Entries.EventBusName"), _WAITS),
    "states:startExecution": (Task(kind="workflow", action="startExecution", naming="StateMachineArn"), _STARTS),
    "http:invoke": (Task(kind="http", action="request"), ("",)),
    **{
        f"dynamodb:{action}": (Task(kind="table", action=action, naming="TableName"), ("",))
        for action in ("getItem", "putItem", "updateItem", "deleteItem")
    },
}
"""The optimized integrations, and how each may wait."""

_SDK: Mapping[str, Task] = {
    "lambda:invoke": _INTEGRATIONS["lambda:invoke"][0],
    "sqs:sendMessage": _INTEGRATIONS["sqs:sendMessage"][0],
    "sns:publish": _INTEGRATIONS["sns:publish"][0],
    "eventbridge:putEvents": _INTEGRATIONS["events:putEvents"][0],
    "sfn:startExecution": _INTEGRATIONS["states:startExecution"][0],
    **{
        f"dynamodb:{action}": Task(kind="table", action=action, naming="TableName")
        for action in ("getItem", "putItem", "updateItem", "deleteItem", "query")
    },
    **{f"s3:{action}": Task(kind="bucket", action=action, naming="Bucket") for action in ("getObject", "putObject")},
}
"""What an SDK's integrations call."""


def _of_uri(uri: str) -> Task:
    parts = _parts(uri)
    if len(parts) <= ARN_PARTS or not all((parts[1], parts[2])):
        raise UnmappedResourceError(f"{shown(uri)} is no whole ARN")
    if parts[2] == "lambda" and parts[ARN_PARTS] == "function" and len(parts) > ARN_PARTS + 1:
        return _of_function(uri)
    if parts[2] != "states":
        raise UnmappedResourceError(f"{shown(uri)}: a task calls functions, activities and integrations")
    if parts[ARN_PARTS] == "activity" and len(parts) > ARN_PARTS + 1:
        return Task(kind="activity", action="work", name=uri)
    if any(parts[3:ARN_PARTS]):
        raise UnmappedResourceError(f"{shown(uri)}: what an integration calls stands in its arguments")
    return _of_integration(uri, ":".join(parts[ARN_PARTS:]))


def _of_function(uri: str) -> Task:
    name, pattern, _ = _suffix(uri)
    return Task(kind="function", action="invoke", name=name, pattern=pattern)


def _of_integration(uri: str, text: str) -> Task:
    name, pattern, form = _suffix(text)
    sdk = name.startswith("aws-sdk:")
    task = _SDK.get(name.removeprefix("aws-sdk:")) if sdk else _INTEGRATIONS.get(name, (None,))[0]
    if task is None:
        raise UnmappedResourceError(f"{shown(uri)}: no resource of an app stands for it; known: {_known()}")
    if pattern not in (_WAITS if sdk else _INTEGRATIONS[name][1]):
        raise UnmappedResourceError(f"{shown(uri)}: {name} cannot be waited for in this way")
    return replace(task, pattern=pattern, integrated=True, form="sdk" if sdk else form)


def _neutral(resource: str) -> Task:
    name, pattern, _ = _suffix(resource)
    if name == "http" and pattern != "sync":
        return Task(kind="http", action="request", pattern=pattern)
    if pattern == "sync" and "." in name:  # only a workflow is waited for, so this is a handler of that name
        name, pattern = resource, ""
    if _PATH.fullmatch(name):
        return Task(kind="function", action="invoke", name=name, pattern=pattern)
    if _NAME.fullmatch(name):
        return Task(kind="", action="", name=name, pattern=pattern)
    raise UnmappedResourceError(f"{shown(resource)} is neither a handler's path, a declared name, nor a resource URI")


def _suffix(resource: str) -> tuple[str, Pattern, Literal["", "json"]]:
    """Return a resource without its suffix, how that waits, and the form of what comes back."""
    if resource.endswith(CALLBACK):
        return resource.removesuffix(CALLBACK), "callback", ""
    if resource.endswith(SYNC_JSON):
        return resource.removesuffix(SYNC_JSON), "sync", "json"
    if resource.endswith(SYNC):
        return resource.removesuffix(SYNC), "sync", ""
    return resource, "", ""


def _parts(name: str) -> list[str]:
    return _COLON.split(name) if len(name) <= LONGEST else [name]


def _last_of_arn(parts: list[str]) -> str:
    """Return a name from `type:name[:more]`, `type/name[/more]`, or from the name alone."""
    first, *more = parts[ARN_PARTS:]
    if more:
        return more[0]
    kind, _, name = first.partition("/")
    return name.partition("/")[0] if name and parts[2] != "s3" else kind


def _names(path: list[str], arguments: Any) -> Iterator[Any]:
    """Yield what stands at a path of the arguments, once for each entry of a list; None where something is computed."""
    if is_list(arguments):
        for entry in arguments:
            yield from _names(path, entry)
    elif not path:
        yield arguments
    elif is_mapping(arguments) and path[0] in arguments:
        yield from _names(path[1:], arguments[path[0]])
    elif is_mapping(arguments) and f"{path[0]}.$" not in arguments and path[0] == "EventBusName":
        yield DEFAULT_BUS
    else:
        yield None


def _is_computed(name: str) -> bool:
    return name.startswith("{%") and name.endswith("%}")


def _known() -> str:
    return ", ".join((*_INTEGRATIONS, *(f"aws-sdk:{name}" for name in _SDK)))
