"""What becomes of a Task that names neutrally what it calls.

A function is called by its own ARN, which Step Functions takes as a resource as well: arguments are then its payload,
and what it returns is the result, without anything around either. So a state's paths mean what its author meant.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_mapping, is_text
from isthmus.workflows.names import Target
from isthmus_aws.events.task import WRAPPER
from isthmus_aws.wire import OURS
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.languages import LANGUAGES, Language
from isthmus_aws.workflow.outcome import Fields, Outcome, UnsayableError
from isthmus_aws.workflow.paths import COMPUTED

CONNECTION = "${isthmus-connection}"
"""Stands in a document for the ARN of the connection that HTTP tasks need, which AWS makes up."""

CALLBACK = ".waitForTaskToken"

OWN_CONNECTION = ("Authentication", "InvocationConfig")
"""The arguments by which a document brings a connection of its own."""


def written(target: Target, addresses: Addresses) -> Outcome:
    """Return the fields of a neutral Task as Step Functions takes them; `UnsayableError` where it has no such thing."""
    task = target.task
    if task is None:
        return Outcome(target.state.fields)
    write = _WRITTEN.get((task.kind, task.pattern))
    if write is None:
        raise UnsayableError(_missing(task.kind, task.pattern))
    return write(target, addresses, LANGUAGES[target.state.language])


def wrapped(language: Language, given: Fields) -> Fields:
    """Return the payload of a function: `given` (its entry `input`), and what belongs into the handler's context.

    It counts against the 256 KiB of a task's input; the most of it is the execution's ARN.
    """
    return {
        WRAPPER: {
            **given,
            **language.context("execution", "Execution.Id"),
            **language.context("state", "State.Name"),
            **language.context("attempt", "State.RetryCount"),
            **language.envelopes("envelope"),
        }
    }


def _invoke(target: Target, addresses: Addresses, language: Language) -> Outcome:
    fields = target.state.fields
    payload = wrapped(language, language.given(fields, "input"))
    arn = addresses.function(cast("Function", target.resource))
    return Outcome({**fields, "Resource": arn, language.arguments: payload})


def _invoke_and_wait(target: Target, addresses: Addresses, language: Language) -> Outcome:
    """Only the integration of Lambda waits for a token; what completes it is the result, whatever the function says."""
    fields = target.state.fields
    arguments = {
        "FunctionName": addresses.function(cast("Function", target.resource)),
        "Payload": wrapped(language, language.given(fields, "input")),
    }
    return Outcome(_calling(fields, addresses, language, f"lambda:invoke{CALLBACK}", arguments))


def _send(target: Target, addresses: Addresses, language: Language) -> Outcome:
    fields = _sending(target, addresses, language, "")
    return Outcome(language.only(fields, "MessageId"))


def _send_and_wait(target: Target, addresses: Addresses, language: Language) -> Outcome:
    return Outcome(_sending(target, addresses, language, CALLBACK))


def _sending(target: Target, addresses: Addresses, language: Language, pattern: str) -> Fields:
    fields, queue = target.state.fields, cast("Queue", target.resource)
    arguments = {
        "QueueUrl": addresses.queue_url(queue),
        **language.as_text(fields, "MessageBody"),
        **attributes(language),
    }
    return _calling(fields, addresses, language, f"sqs:sendMessage{pattern}", arguments)


def _publish(target: Target, addresses: Addresses, language: Language) -> Outcome:
    fields = _publishing(target, addresses, language, "")
    return Outcome(language.only(fields, "MessageId"))


def _publish_and_wait(target: Target, addresses: Addresses, language: Language) -> Outcome:
    return Outcome(_publishing(target, addresses, language, CALLBACK))


def _publishing(target: Target, addresses: Addresses, language: Language, pattern: str) -> Fields:
    fields = target.state.fields
    arguments = {
        "TopicArn": addresses.arn(target.resource),
        **language.as_text(fields, "Message"),
        **attributes(language),
    }
    return _calling(fields, addresses, language, f"sns:publish{pattern}", arguments)


def attributes(language: Language) -> Fields:
    """Return the attribute of a message that has ours in it: see `isthmus_aws.wire`."""
    return {"MessageAttributes": {OURS: {"DataType": "String", **language.envelopes_as_text("StringValue")}}}


def _start(target: Target, addresses: Addresses, language: Language) -> Outcome:
    return Outcome(language.only(_starting(target, addresses, language, ""), "ExecutionArn"))


def _start_and_wait(target: Target, addresses: Addresses, language: Language) -> Outcome:
    return Outcome(_starting(target, addresses, language, CALLBACK))


def _run(target: Target, addresses: Addresses, language: Language) -> Outcome:
    """https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html"""
    check_lasts(cast("Workflow", target.resource))
    return language.within(_starting(target, addresses, language, ".sync:2"), "Output")


def check_lasts(workflow: Workflow) -> None:
    """Raise `UnsayableError` where the executions of a workflow are not kept, so that nobody can wait for their end."""
    if workflow.express:
        raise UnsayableError(
            f"workflow {workflow.name!r} is express, and Step Functions waits for the end of standard ones alone: "
            "leave out express, or call it from a function, by its run()"
        )


def _starting(target: Target, addresses: Addresses, language: Language, pattern: str) -> Fields:
    fields = target.state.fields
    arguments = {"StateMachineArn": addresses.arn(target.resource), **language.with_envelope(fields, "Input")}
    return _calling(fields, addresses, language, f"states:startExecution{pattern}", arguments)


def _request(target: Target, addresses: Addresses, language: Language) -> Outcome:
    fields = connected(target.state.fields, language)
    return Outcome({**fields, "Resource": addresses.integration("http:invoke")})


def connected(fields: Fields, language: Language) -> Fields:
    """Return the fields of an HTTP task with a connection, where its author has given none."""
    arguments: Any = fields.get(language.arguments)
    if is_mapping(arguments) and {name.removesuffix(COMPUTED) for name in arguments} & set(OWN_CONNECTION):
        if not own_connection(arguments):
            raise UnsayableError("the ARN of its connection is computed: write it as it is, so that the right is given")
        return fields
    merged = language.merged(fields, {OWN_CONNECTION[0]: {"ConnectionArn": CONNECTION}})
    if merged is None:
        raise UnsayableError(
            f"its {language.arguments} are no object, into which the connection could go that AWS asks for: "
            "write ApiEndpoint and Method there, each as it is or computed"
        )
    return {**fields, language.arguments: merged}


def own_connection(arguments: Mapping[str, Any]) -> str:
    """Return the ARN of the connection that a document brings itself; "" where it brings none."""
    for name in OWN_CONNECTION:
        given = arguments.get(name)
        arn = given.get("ConnectionArn") if is_mapping(given) else None
        if is_text(arn) and arn.startswith("arn:"):
            return arn
    return ""


def _calling(
    fields: Fields, addresses: Addresses, language: Language, integration: str, arguments: Mapping[str, Any]
) -> Fields:
    return {**fields, "Resource": addresses.integration(integration), language.arguments: arguments}


def _missing(kind: str, pattern: str) -> str:
    if kind == "http":
        return (
            "Step Functions takes the answer of an HTTP call and waits for nothing else: call a function with "
            ".waitForTaskToken, which makes the request, and hands on the token"
        )
    return f"Step Functions has no {kind} task that waits in this way ({pattern or 'for the answer'})"


_WRITTEN: Mapping[tuple[str, str], Callable[[Target, Addresses, Language], Outcome]] = {
    ("function", ""): _invoke,
    ("function", "callback"): _invoke_and_wait,
    ("queue", ""): _send,
    ("queue", "callback"): _send_and_wait,
    ("topic", ""): _publish,
    ("topic", "callback"): _publish_and_wait,
    ("workflow", ""): _start,
    ("workflow", "callback"): _start_and_wait,
    ("workflow", "sync"): _run,
    ("http", ""): _request,
}
"""Kind and pattern of a neutral task to what writes it anew."""
