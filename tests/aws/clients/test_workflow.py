"""The workflow client against the API of Step Functions."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import AccessDeniedError, InvalidValueError, ServiceError, TooLargeError
from isthmus.testing.factories import context
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ClientError, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a state machine that waits for a while."""
    name = f"process-{uuid.uuid4().hex}"
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    ministack.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ministack.account}:role/test"
    )
    return name


@pytest.fixture
def process(services: Services, name: str) -> Any:
    return linked(services, "workflow", name, ["start"], name="Process")


def given(ministack: Ministack, execution: str) -> Any:
    """Return the input of an execution."""
    return json.loads(ministack.client("stepfunctions").describe_execution(executionArn=execution)["input"])


def test_an_execution_gets_its_input_with_the_envelope_in_it(ministack: Ministack, process: Any) -> None:
    token = contexts.current.set(context(correlation_id="c-1"))
    try:
        execution = process.start({"order": "é"})
    finally:
        contexts.current.reset(token)
    entered = given(ministack, execution)

    assert entered["order"] == "é"
    assert entered["isthmus"] == {"isthmus-correlation-id": "c-1"}


@pytest.mark.parametrize("value", [[1], "text", 0, False, [{"isthmus": 1}]], ids=repr)
def test_an_input_that_is_no_object_goes_as_it_is(ministack: Ministack, process: Any, value: object) -> None:
    assert given(ministack, process.start(value)) == value


def test_no_input_is_an_empty_object(ministack: Ministack, process: Any) -> None:
    assert set(given(ministack, process.start())) == {"isthmus"}
    assert set(given(ministack, process.start({}))) == {"isthmus"}


def test_a_second_start_by_the_same_name_returns_the_first_ones_id(process: Any) -> None:
    first = process.start({"n": 1}, name="order-1")
    again = process.start({"n": 2}, name="order-1")

    assert first == again
    assert first.endswith(":order-1")
    assert process.start({"n": 1}) != process.start({"n": 1})


@pytest.mark.parametrize("name", ["", "x" * 81, "a b", "a/b", "a:b", "a*b", "a\nb", "a\x00", "a#b", 7], ids=repr)
def test_a_name_that_step_functions_does_not_take_is_refused(process: Any, name: Any) -> None:
    with pytest.raises(InvalidValueError):
        process.start({}, name=name)


@pytest.mark.parametrize("value", [{"isthmus": 1}, object(), {"a": b"x"}, float("nan")], ids=repr)
def test_an_input_that_cannot_be_one_is_refused(process: Any, value: object) -> None:
    with pytest.raises(InvalidValueError):
        process.start(value)


def test_an_input_that_is_too_large_is_refused(process: Any) -> None:
    with pytest.raises(TooLargeError):
        process.start({"a": "x" * (256 * 1024)})


def test_a_workflow_that_is_not_there_or_not_linked_is_told(services: Services) -> None:
    with pytest.raises(ServiceError) as caught:
        linked(services, "workflow", "none", ["start"]).start({})
    assert isinstance(caught.value.__cause__, ClientError)
    with pytest.raises(AccessDeniedError, match="Caller"):
        linked(services, "workflow", "none", []).start({})


def test_a_throttled_start_is_no_started_one(services: Services, name: str) -> None:
    stubber = Stubber(services.client("stepfunctions"))
    stubber.add_client_error("start_execution", "ExecutionLimitExceeded", "too many run")
    with stubber, pytest.raises(ServiceError, match="too many run"):
        linked(services, "workflow", name, ["start"]).start({}, name="a")
