"""The function client against the API of Lambda, with the real runtime client behind it."""

from __future__ import annotations

import io
import json
import uuid
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import AccessDeniedError, InvalidValueError, InvocationFailedError, ServiceError, TooLargeError
from isthmus.testing.factories import context
from isthmus_aws import wire
from isthmus_aws.services import Services
from tests.aws.botocore_parts import StreamingBody, Stubber
from tests.aws.clients.lambdas import deploy
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack

CODE = """
import os, time

def handle(event, context):
    ask = event if isinstance(event, dict) else {}
    if "raise" in ask:
        raise LookupError(ask["raise"])
    if "exit" in ask:
        os._exit(3)
    if "sleep" in ask:
        time.sleep(ask["sleep"])
    return {"echo": event, "version": context.function_version}
"""


@pytest.fixture(scope="module")
def physical(ministack: Ministack) -> str:
    """Return the name of a function that answers what it is given."""
    name = f"echo-{uuid.uuid4().hex}"
    deploy(ministack, name, CODE, timeout=2)
    return name


@pytest.fixture
def inbox(ministack: Ministack) -> str:
    """Return the name of a new queue that starts the function."""
    name = f"echo-start-{uuid.uuid4().hex}"
    ministack.client("sqs").create_queue(QueueName=name)
    return name


@pytest.fixture
def echo(services: Services, physical: str, inbox: str) -> Any:
    return linked(services, "function", physical, ["invoke"], name="Echo", properties={"inbox": inbox})


@pytest.mark.parametrize("payload", [None, 0, False, "é", [1, [2.5, None]], {"a": {"b": []}}], ids=repr)
def test_a_call_returns_the_result(echo: Any, payload: object) -> None:
    assert echo.invoke(payload)["echo"] == payload


def test_a_function_with_warm_instances_is_called_by_the_alias_that_has_them(
    ministack: Ministack, services: Services, physical: str
) -> None:
    functions = ministack.client("lambda")
    version = functions.publish_version(FunctionName=physical)["Version"]
    functions.create_alias(FunctionName=physical, Name="live", FunctionVersion=version)
    warm = linked(services, "function", physical, ["invoke"], properties={"alias": "live"})
    plain = linked(services, "function", physical, ["invoke"])

    assert (warm.invoke()["version"], plain.invoke()["version"]) == (version, "$LATEST")


def test_an_answer_that_breaks_off_is_told_by_an_error_of_the_core(services: Services, physical: str) -> None:
    stubber = Stubber(services.client("lambda"))
    body = StreamingBody(io.BytesIO(b"half"), 100)
    stubber.add_response("invoke", {"StatusCode": 200, "Payload": body})
    with stubber, pytest.raises(ServiceError) as caught:
        linked(services, "function", physical, ["invoke"]).invoke()

    assert type(caught.value.__cause__).__name__ == "IncompleteReadError"


def test_the_envelope_rides_in_the_client_context(services: Services, echo: Any) -> None:
    # The emulator does not hand it on to the function, as Lambda does; so it is looked at where it leaves.
    # https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-ClientContext
    given: list[str] = []

    def note(params: Mapping[str, Any], **_: Any) -> None:
        given.append(params["ClientContext"])

    services.client("lambda").meta.events.register("provide-client-params.lambda.Invoke", note)
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        echo.invoke({})
    finally:
        contexts.current.reset(token)
    custom = json.loads(b64decode(given[0]))["custom"]

    assert len(given[0]) <= 3583
    assert custom["isthmus"]["isthmus-correlation-id"] == "c-1"
    assert custom["isthmus"]["isthmus-traceparent"][:36] == f"00-{'a' * 32}-"


def test_an_exception_is_told_by_its_class_and_message(echo: Any) -> None:
    with pytest.raises(InvocationFailedError) as caught:
        echo.invoke({"raise": "no such thing: é"})

    assert (caught.value.function, caught.value.type, caught.value.message) == (
        "Echo",
        "LookupError",
        "no such thing: é",
    )


def test_a_function_that_overran_its_time_is_told_so(echo: Any) -> None:
    with pytest.raises(InvocationFailedError, match="timed out"):
        echo.invoke({"sleep": 10})


def test_a_function_whose_process_died_is_told_so(echo: Any) -> None:
    with pytest.raises(InvocationFailedError) as caught:
        echo.invoke({"exit": True})

    assert caught.value.type.startswith("Runtime.")


@pytest.mark.parametrize(
    ("payload", "kind", "message"),
    [
        # The older form of a timeout names no type; the newer does:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
        (
            b'{"errorMessage": "2026-01-01T00:00:00Z 1 Task timed out after 3.00 seconds"}',
            "Sandbox.Timedout",
            "timed out",
        ),
        (
            b'{"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out"}',
            "Sandbox.Timedout",
            "timed",
        ),
        (b'{"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}', "Runtime.ExitError", "exit status 1"),
        (b"not JSON", "Unknown", "not JSON"),
        (b"[1]", "Unknown", "1"),
    ],
)
def test_each_form_of_a_failure_is_read(
    services: Services, physical: str, payload: bytes, kind: str, message: str
) -> None:
    stubber = Stubber(services.client("lambda"))
    body = StreamingBody(io.BytesIO(payload), len(payload))
    stubber.add_response("invoke", {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": body})
    with stubber, pytest.raises(InvocationFailedError) as caught:
        linked(services, "function", physical, ["invoke"]).invoke()

    assert caught.value.type == kind
    assert message in caught.value.message


def test_a_payload_over_six_megabytes_is_refused(echo: Any) -> None:
    with pytest.raises(TooLargeError):
        echo.invoke("x" * (6 * 1024 * 1024))
    with pytest.raises(TooLargeError):
        echo.start("x" * (256 * 1024))


@pytest.mark.parametrize("payload", [{1, 2}, object(), {"a": b"bytes"}, float("nan")], ids=repr)
def test_what_is_no_json_is_refused(echo: Any, payload: object) -> None:
    with pytest.raises(InvalidValueError):
        echo.invoke(payload)
    with pytest.raises(InvalidValueError):
        echo.start(payload)


def test_a_start_is_a_message_in_the_inbox(ministack: Ministack, services: Services, echo: Any, inbox: str) -> None:
    identifier = echo.start({"label": "é"})
    (message,) = ministack.client("sqs").receive_message(
        QueueUrl=services.queue_url(inbox), MessageAttributeNames=["All"]
    )["Messages"]
    native = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    body, attributes = wire.incoming(message["Body"], native)

    assert message["MessageId"] == identifier
    assert json.loads(body) == {"label": "é"}
    assert attributes["isthmus-correlation-id"]


def test_a_delayed_start_waits(ministack: Ministack, services: Services, echo: Any, inbox: str) -> None:
    echo.start({}, delay=0.5)
    sqs, url = ministack.client("sqs"), services.queue_url(inbox)

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert len(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=3)["Messages"]) == 1
    with pytest.raises(InvalidValueError):
        echo.start({}, delay=901)


def test_a_function_that_is_not_there_or_has_no_inbox_is_told(services: Services) -> None:
    unknown = linked(services, "function", "none", ["invoke"])

    with pytest.raises(ServiceError):
        unknown.invoke()
    with pytest.raises(ServiceError, match="inbox"):
        unknown.start()


def test_a_verb_that_is_not_linked_is_refused(services: Services, physical: str) -> None:
    for call in ("invoke", "start"):
        with pytest.raises(AccessDeniedError, match="Caller"):
            getattr(linked(services, "function", physical, []), call)()


def test_an_invocation_is_waited_for_as_long_as_a_function_may_run(services: Services) -> None:
    assert services.client("lambda").meta.config.read_timeout > 15 * 60
