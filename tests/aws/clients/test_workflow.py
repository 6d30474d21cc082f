"""The workflow client against the API of Step Functions."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import AccessDeniedError, InvalidValueError, ServiceError, TooLargeError
from isthmus.testing.factories import context
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError, WorkflowFailedError
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


def machine(ministack: Ministack, state: dict[str, Any], **options: Any) -> str:
    """Make a state machine of one state, and return its name."""
    name = f"process-{uuid.uuid4().hex}"
    only = state if state["Type"] == "Fail" else {**state, "End": True}
    definition = {"StartAt": "Do", **options.pop("document", {}), "States": {"Do": only}}
    ministack.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps(definition),
        roleArn=f"arn:aws:iam::{ministack.account}:role/test",
        **options,
    )
    return name


VERBS = ["start", "read", "stop", "complete"]


def test_a_run_returns_the_output(ministack: Ministack, services: Services) -> None:
    process = linked(services, "workflow", machine(ministack, {"Type": "Pass", "InputPath": "$.n"}), ["start"])

    assert process.run({"n": [1, "é", None]}) == [1, "é", None]
    assert process.run({"n": 1}, name="once") == process.run({"n": 2}, name="once") == 1


def test_a_run_that_fails_tells_error_and_cause(ministack: Ministack, services: Services) -> None:
    name = machine(ministack, {"Type": "Fail", "Error": "OutOfStock", "Cause": "none left"})
    with pytest.raises(WorkflowFailedError) as caught:
        linked(services, "workflow", name, ["start"]).run({})

    assert (caught.value.status, caught.value.error, caught.value.cause) == ("FAILED", "OutOfStock", "none left")
    assert caught.value.execution.startswith("arn:")


def test_a_run_that_takes_too_long_goes_on(services: Services, name: str) -> None:
    process = linked(services, "workflow", name, VERBS)
    with pytest.raises(TimeoutError, match="still runs"):
        process.run({}, name="slow", timeout=0.2)

    assert process.describe(process.start({}, name="slow")).status == "RUNNING"


def test_a_machine_whose_time_is_over_has_timed_out(ministack: Ministack, services: Services) -> None:
    name = machine(ministack, {"Type": "Wait", "Seconds": 2}, document={"TimeoutSeconds": 1})
    with pytest.raises(WorkflowFailedError) as caught:
        linked(services, "workflow", name, ["start"]).run({})

    assert (caught.value.status, caught.value.error) == ("TIMED_OUT", "")


def test_an_execution_is_described(ministack: Ministack, services: Services) -> None:
    process = linked(services, "workflow", machine(ministack, {"Type": "Pass"}), VERBS)
    execution = process.start({"n": 1}, name="one")
    process.run({"n": 1}, name="one")
    seen = process.describe(execution)

    assert (seen.id, seen.name, seen.status, seen.ended) == (execution, "one", "SUCCEEDED", True)
    assert seen.input["n"] == seen.output["n"] == 1
    assert 0 <= seen.stopped - seen.started < 20
    assert (seen.error, seen.cause) == ("", "")


def test_one_that_runs_has_no_end_and_no_output(process: Any, services: Services, name: str) -> None:
    seen = linked(services, "workflow", name, ["read"]).describe(process.start({"n": 1}))

    assert (seen.status, seen.stopped, seen.output, seen.ended) == ("RUNNING", None, None, False)


@pytest.mark.parametrize("execution", ["", "x", "arn:aws:states:us-east-1:1:execution:a:b", None, 3, "é"], ids=repr)
def test_an_id_of_nothing_is_not_found(services: Services, name: str, execution: Any) -> None:
    process = linked(services, "workflow", name, VERBS)
    for look in (process.describe, process.stop):
        with pytest.raises(ExecutionNotFoundError):
            look(execution)


def test_the_execution_of_another_workflow_is_not_found(ministack: Ministack, services: Services, name: str) -> None:
    other = linked(services, "workflow", machine(ministack, {"Type": "Pass"}), ["start"]).start({})
    with pytest.raises(ExecutionNotFoundError):
        linked(services, "workflow", name, ["read"]).describe(other)


def test_an_execution_that_never_was_is_not_found(services: Services, name: str, process: Any) -> None:
    missing = process.start({}, name="there") + "not"
    for verb in ("describe", "stop"):
        with pytest.raises(ExecutionNotFoundError):
            getattr(linked(services, "workflow", name, VERBS), verb)(missing)


def test_an_execution_is_stopped_and_stays_so(services: Services, name: str) -> None:
    process = linked(services, "workflow", name, VERBS)
    execution = process.start({})
    process.stop(execution, error="Withdrawn", cause="by the customer")
    process.stop(execution)
    seen = process.describe(execution)

    assert (seen.status, seen.error, seen.cause) == ("ABORTED", "Withdrawn", "by the customer")


def test_one_that_has_ended_is_left_as_it_is(ministack: Ministack, services: Services) -> None:
    process = linked(services, "workflow", machine(ministack, {"Type": "Pass"}), VERBS)
    process.run({}, name="over")
    execution = process.start({}, name="over")
    process.stop(execution)

    assert process.describe(execution).status == "SUCCEEDED"


@pytest.mark.parametrize("reason", [{"error": "x" * 257}, {"cause": "x" * 32_769}, {"error": 5}], ids=str)
def test_a_reason_that_step_functions_does_not_take_is_refused(services: Services, name: str, reason: Any) -> None:
    process = linked(services, "workflow", name, VERBS)
    with pytest.raises(InvalidValueError):
        process.stop(process.start({}), **reason)
    with pytest.raises((InvalidValueError, TypeError)):
        process.fail("token", **reason)


@pytest.mark.parametrize("token", ["", "x" * 3000, "nonsense", None, "é" * 2000], ids=lambda token: repr(token)[:20])
def test_a_token_of_nobody_is_told(services: Services, token: Any) -> None:
    process = linked(services, "workflow", "p", VERBS)
    for complete, reason in ((process.succeed, ()), (process.heartbeat, ()), (process.fail, ("E", "c"))):
        with pytest.raises(TaskTokenError):
            complete(token, *reason)


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
def test_every_way_to_say_that_nobody_waits_is_one_error(services: Services, code: str) -> None:
    stubber = Stubber(services.client("stepfunctions"))
    stubber.add_client_error("send_task_success", code, "no")
    with stubber, pytest.raises(TaskTokenError):
        linked(services, "workflow", "p", VERBS).succeed("token")


def test_an_output_that_is_no_json_or_too_large_is_refused(services: Services) -> None:
    process = linked(services, "workflow", "p", VERBS)
    with pytest.raises(InvalidValueError):
        process.succeed("token", object())
    with pytest.raises(TooLargeError):
        process.succeed("token", "x" * (256 * 1024))


@pytest.mark.parametrize(
    ("verb", "method", "arguments"),
    [
        ("start", "run", []),
        ("read", "describe", ["x"]),
        ("stop", "stop", ["x"]),
        ("complete", "succeed", ["x"]),
        ("complete", "fail", ["x", "E"]),
        ("complete", "heartbeat", ["x"]),
    ],
)
def test_a_verb_that_is_not_linked_is_refused_before_anything_is_asked(
    services: Services, verb: str, method: str, arguments: list[str]
) -> None:
    process = linked(services, "workflow", "p", [other for other in VERBS if other != verb])
    with pytest.raises(AccessDeniedError, match=verb):
        getattr(process, method)(*arguments)


@pytest.fixture
def express(ministack: Ministack, services: Services) -> Any:
    name = machine(ministack, {"Type": "Pass", "Parameters": {"n.$": "$.n"}}, type="EXPRESS")
    return linked(services, "workflow", name, VERBS, properties={"express": True})


def test_an_express_workflow_is_waited_for_in_one_call(express: Any) -> None:
    assert express.run({"n": "é"}) == {"n": "é"}
    assert express.start({"n": 1}).startswith("arn:")


def test_an_express_workflow_that_fails_tells_error_and_cause(ministack: Ministack, services: Services) -> None:
    name = machine(ministack, {"Type": "Fail", "Error": "OutOfStock", "Cause": "none left"}, type="EXPRESS")
    process = linked(services, "workflow", name, ["start"], properties={"express": True})
    with pytest.raises(WorkflowFailedError) as caught:
        process.run({})

    assert (caught.value.error, caught.value.cause) == ("OutOfStock", "none left")


def test_of_an_express_workflow_no_execution_is_kept(express: Any) -> None:
    execution = express.start({"n": 1})
    with pytest.raises(ServiceError, match="express"):
        express.describe(execution)
    with pytest.raises(ServiceError, match="express"):
        express.stop(execution)
