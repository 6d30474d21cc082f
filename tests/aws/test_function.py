from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from isthmus.links import Identity
from tests.aws.runtime import ARN, FunctionError, Runtime

HANDLERS = "tests.aws.handlers"


def identity(handler: str, *triggers: str, timeout: float = 10) -> Identity:
    return Identity(
        app="shop",
        stage="dev",
        provider="aws",
        function="Tested",
        handler=f"{HANDLERS}.{handler}",
        timeout=timeout,
        triggers=triggers or ("task",),
    )


@pytest.fixture(scope="module")
def echo() -> Iterator[Runtime]:
    with Runtime(identity("echo")) as runtime:
        yield runtime


@pytest.mark.parametrize("payload", [None, 0, "text", [], {}, {"Records": []}, {"Records": [{"a": 1}]}, {"a": "é"}])
def test_an_invocation_gets_its_payload_whatever_it_looks_like(echo: Runtime, payload: object) -> None:
    assert echo.invoke(payload)["payload"] == payload


def test_the_context_has_lambdas_own_values(echo: Runtime) -> None:
    first, second = echo.invoke({}, timeout=7), echo.invoke({})

    assert 6 < first["remaining"] <= 7
    assert first["request"] != second["request"]
    assert not second["cold"]
    assert first["arn"] == ARN


def test_a_caller_hands_its_correlation_id_and_trace_on(echo: Runtime) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    carried = {"isthmus-correlation-id": "mine", "isthmus-traceparent": trace}
    context = base64.b64encode(json.dumps({"custom": {"isthmus": carried}}).encode()).decode()

    seen = echo.invoke({}, headers={"Lambda-Runtime-Client-Context": json.dumps(json.loads(base64.b64decode(context)))})

    assert (seen["correlation"], seen["traceparent"]) == ("mine", trace)


@pytest.mark.parametrize("carried", ["", "x", 3, {"isthmus": 3}, {"isthmus": {"isthmus-correlation-id": "a\nb"}}])
def test_a_forged_client_context_is_no_envelope(echo: Runtime, carried: object) -> None:
    header = json.dumps({"custom": carried})

    seen = echo.invoke({}, headers={"Lambda-Runtime-Client-Context": header})

    assert seen["correlation"] == seen["request"]


def test_a_workflows_task_gets_its_payload_alone_and_knows_attempt_and_trace(echo: Runtime) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    envelope = [{"isthmus-correlation-id": "mine", "isthmus-traceparent": trace}]
    task = {"input": {"isthmus-task": 1}, "execution": "arn:x", "state": "Do", "attempt": 2, "envelope": envelope}

    seen = echo.invoke({"isthmus-task": task})

    assert seen["payload"] == {"isthmus-task": 1}
    assert (seen["correlation"], seen["traceparent"], seen["attempt"]) == ("mine", trace, 3)


def test_a_ping_is_answered_before_the_handler() -> None:
    with Runtime(identity("fail")) as runtime:
        assert runtime.invoke({"isthmus": "ping"}) == {"isthmus": "pong"}


def test_an_exception_is_reported_by_the_name_of_its_class() -> None:
    with Runtime(identity("fail")) as runtime, pytest.raises(FunctionError) as caught:
        runtime.invoke({"why": "none of é left"})

    assert (caught.value.type, caught.value.message) == ("OutOfStockError", "none of é left")


@pytest.mark.parametrize(
    ("triggers", "event"),
    [
        (("queue",), {"version": "2.0", "requestContext": {"http": {"method": "GET", "path": "/"}}}),
        (("queue",), {"any": "payload"}),
        (("http",), {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "{}"}]}),
        (("http",), {"any": "payload"}),
        (("http",), []),
        (
            ("bucket",),
            {"Records": [{"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:a:other", "body": "{}"}]},
        ),
        (("schedule",), None),
    ],
)
def test_an_event_of_a_kind_that_is_not_declared_is_refused(triggers: tuple[str, ...], event: object) -> None:
    with Runtime(identity("echo", *triggers)) as runtime, pytest.raises(FunctionError) as caught:
        runtime.invoke(event)

    assert caught.value.type == "BadEventError"


def test_a_handler_that_cannot_be_loaded_is_told_at_the_start() -> None:
    with Runtime(identity("no_such")) as runtime, pytest.raises(FunctionError, match=r"has no 'no_such'"):
        runtime.invoke({})


def test_logs_are_lines_of_json_with_the_invocation() -> None:
    runtime = Runtime(identity("picky", "queue"))
    record = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:a:Work", "messageId": "1", "body": "no json"}
    runtime.invoke({"Records": [{**record, "receiptHandle": "x", "attributes": {"ApproximateReceiveCount": "1"}}]})
    lines = [json.loads(line) for line in runtime.stop().splitlines() if line.startswith("{")]

    assert any(line["severity"] == "ERROR" and "BadEventError" in line["message"] for line in lines)
