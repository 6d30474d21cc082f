"""Tasks: how functions, topics, workflows, integrations, HTTP and callbacks are called, and what they come to."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from isthmus_gcp.workflow.refusal import RefusedError
from tests.emulators.gcp.workflows.http_calls import HttpResponse, json_response
from tests.gcp.workflow.played import HOST, TOPIC, WORKFLOW, Completes, Failed, Late, Played, error, run

PASS = {"Type": "Pass", "End": True}
EXECUTIONS = f"https://workflowexecutions.googleapis.com/v1/{WORKFLOW}/executions"
EXECUTION = f"{WORKFLOW}/executions/1"


def machine(resource: str, **fields: Any) -> dict[str, Any]:
    return {"Work": {"Type": "Task", "Resource": resource, "End": True, **fields}, "Caught": PASS}


def execution(state: str, **fields: Any) -> HttpResponse:
    return json_response({"name": EXECUTION, "state": state, "startTime": "2026-01-01T00:00:00Z", **fields})


def test_a_function_is_called_with_its_payload_alone_and_a_token_for_its_address() -> None:
    played = Played({"Work": [7]})

    assert run(machine("shop.work", Parameters={"id.$": "$.id"}), {"id": 3}, played).value == 7
    [(_, request)] = played.requests
    assert request.json() == {"id": 3}
    assert request.auth == {"type": "OIDC", "audience": f"{HOST}/{b'Work'.hex()}"}
    assert request.headers["Isthmus-Call"] == "1"
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("value", [None, "text", "", "1", 0, 1.5, True, [], {}, [[1]], {"a": {"b": "${c}"}}])
def test_any_json_goes_to_a_function_and_comes_back_as_it_is(value: Any) -> None:
    played = Played({"Work": [value]})

    ended = run(machine("shop.work", InputPath="$.value"), {"value": value}, played)

    assert played.payloads("Work") == [value]
    assert ended.value == value


def test_the_envelope_of_the_input_rides_beside_the_payload() -> None:
    played = Played()
    envelope = {"isthmus-correlation-id": "abc", "isthmus-traceparent": "00-1-2-01"}

    run(machine("shop.work", Parameters={}), {"id": 1, "isthmus": envelope}, played)

    [(_, request)] = played.requests
    assert request.json() == {}
    assert request.headers["Isthmus-Correlation-Id"] == "abc"
    assert request.headers["Traceparent"] == "00-1-2-01"


@pytest.mark.parametrize("given", [[], "text", {"isthmus": "no envelope"}, {"isthmus": None}, 7])
def test_an_input_without_an_envelope_is_none_to_worry_about(given: Any) -> None:
    played = Played({"Work": ["ok"]})

    assert run(machine("shop.work"), given, played).value == "ok"
    assert played.payloads("Work") == [given]


def test_an_invoked_function_takes_the_payload_and_returns_what_the_service_does() -> None:
    played = Played({"Work": [{"n": 1}]})
    parameters = {"FunctionName": "work", "Payload": {"id.$": "$.id"}}

    ended = run(machine("arn:aws:states:::lambda:invoke", Parameters=parameters), {"id": 3}, played)

    assert played.payloads("Work") == [{"id": 3}]
    assert (ended.value["Payload"], ended.value["StatusCode"]) == ({"n": 1}, 200)


def test_a_function_that_is_not_waited_for_cannot_be_invoked() -> None:
    parameters = {"FunctionName": "work", "InvocationType": "Event"}

    with pytest.raises(RefusedError) as refused:
        run(machine("arn:aws:states:::lambda:invoke", Parameters=parameters))

    assert [fault.pointer for fault in refused.value.faults] == ["/States/Work/Parameters/InvocationType"]


def test_an_integration_is_the_apps_own_function_that_knows_the_resource() -> None:
    item = {"Item": {"id": {"S": "1"}}}
    played = Played({"Work": [item]})
    parameters = {"TableName": "Orders", "Key": {"id": {"S.$": "$.id"}}}

    ended = run(machine("arn:aws:states:::dynamodb:getItem", Parameters=parameters), {"id": "1"}, played)

    arguments = {"TableName": "Orders", "Key": {"id": {"S": "1"}}}
    assert played.payloads("Work") == [{"resource": "Orders", "action": "getItem", "arguments": arguments}]
    assert ended.value == item


def test_an_error_of_an_integration_has_the_name_that_the_language_gives_it() -> None:
    name = "DynamoDB.ConditionalCheckFailedException"
    catch = [{"ErrorEquals": [name], "Next": "Caught"}]
    parameters: dict[str, Any] = {"TableName": "Orders", "Item": {}}

    ended = run(
        machine("arn:aws:states:::dynamodb:putItem", Parameters=parameters, Catch=catch),
        {},
        Played({"Work": [Failed(name)]}),
    )

    assert ended.value["Error"] == name


def test_a_message_is_published_with_the_envelope_as_attributes() -> None:
    url = f"https://pubsub.googleapis.com/v1/{TOPIC}:publish"
    played = Played({url: [{"messageIds": ["42"]}]})
    given = {"id": 1, "isthmus": {"isthmus-correlation-id": "abc"}}

    ended = run(machine("events", Parameters={"id.$": "$.id"}), given, played)

    assert ended.value == {"MessageId": "42"}
    [message] = played.payloads(url)[0]["messages"]
    assert json.loads(base64.b64decode(message["data"])) == {"id": 1}
    assert message["attributes"] == {
        "isthmus-content-type": "application/json",
        "isthmus-correlation-id": "abc",
    }


def test_a_workflow_that_is_started_is_not_waited_for() -> None:
    played = Played({EXECUTIONS: [execution("ACTIVE")]})

    assert run(machine("child"), {"id": 1}, played).value == {"ExecutionArn": EXECUTION}
    assert json.loads(played.payloads(EXECUTIONS)[0]["argument"]) == {"id": 1}


def test_a_workflow_that_is_waited_for_comes_to_its_output() -> None:
    status = f"https://workflowexecutions.googleapis.com/v1/{EXECUTION}"
    answers = {
        EXECUTIONS: [execution("ACTIVE")],
        status: [execution("ACTIVE"), execution("ACTIVE"), execution("SUCCEEDED", result='{"ok": true}')],
    }

    assert run(machine("child.sync"), {}, Played(answers)).value == {"ok": True}


def test_a_workflow_that_fails_is_a_task_that_failed_and_says_why() -> None:
    payload = json.dumps({"Error": "OutOfStock", "Cause": "none left"})
    answers = {EXECUTIONS: [execution("FAILED", error={"payload": payload})]}
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]

    ended = run(machine("child.sync", Catch=catch), {}, Played(answers))

    cause = json.loads(ended.value["Cause"])
    assert ended.value["Error"] == "States.TaskFailed"
    assert (cause["Error"], cause["Cause"]) == ("OutOfStock", "none left")


def test_a_workflow_that_takes_too_long_is_cancelled() -> None:
    status = f"https://workflowexecutions.googleapis.com/v1/{EXECUTION}"
    played = Played({EXECUTIONS: [execution("ACTIVE")], status: [execution("ACTIVE")], f"{status}:cancel": [{}]})

    ended = run(machine("child.sync", TimeoutSeconds=30), {}, played)

    assert error(ended) == "States.Timeout"
    assert ended.seconds == pytest.approx(30, abs=2)
    assert played.calls(f"{status}:cancel") == 1


def test_a_workflow_that_ends_while_it_is_cancelled_has_still_taken_too_long() -> None:
    status = f"https://workflowexecutions.googleapis.com/v1/{EXECUTION}"
    ended = HttpResponse(400, b'{"error": {"status": "FAILED_PRECONDITION"}}', {"content-type": "application/json"})
    played = Played({EXECUTIONS: [execution("ACTIVE")], status: [execution("ACTIVE")], f"{status}:cancel": [ended]})

    assert error(run(machine("child.sync", TimeoutSeconds=30), {}, played)) == "States.Timeout"


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "UNAVAILABLE"])
def test_an_execution_that_comes_to_nothing_is_waited_for_no_longer(state: str) -> None:
    ended = run(machine("child.sync"), {}, Played({EXECUTIONS: [execution(state)]}))

    assert error(ended) == "States.TaskFailed"
    assert ended.seconds < 1


def test_the_integrations_of_workflows_tell_of_the_execution() -> None:
    answers = {EXECUTIONS: [execution("SUCCEEDED", result='{"ok":true}', endTime="2026-01-01T00:00:01Z")]}
    parameters = {"StateMachineArn": "child", "Input": {"id": 1}}
    name = "arn:aws:states:::states:startExecution.sync"

    as_text = run(machine(name, Parameters=parameters), {}, Played(answers)).value
    as_json = run(machine(f"{name}:2", Parameters=parameters), {}, Played(answers)).value

    assert (as_text["Output"], as_text["Input"]) == ('{"ok":true}', '{"id":1}')
    assert (as_json["Output"], as_json["Input"], as_json["Status"]) == ({"ok": True}, {"id": 1}, "SUCCEEDED")


@pytest.mark.parametrize(
    ("media", "body", "told"),
    [
        ("", b"", ""),
        ("", b"done", "done"),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/problem+json", b'{"a":1}', {"a": 1}),
        ("application/problem+json; charset=utf-8", b"{", "{"),
        ("text/plain", b'{"a":1}', '{"a":1}'),
        ("application/json", b'"1"', "1"),
    ],
)
def test_an_answer_by_http_that_is_no_json_is_text(media: str, body: bytes, told: Any) -> None:
    answer = HttpResponse(204 if not body else 200, body, {"content-type": media} if media else {})
    parameters = {"ApiEndpoint": "https://api.example/orders", "Method": "DELETE"}

    ended = run(machine("http", Parameters=parameters), {}, Played({parameters["ApiEndpoint"]: [answer]}))

    assert ended.value["ResponseBody"] == told


def test_a_request_by_http_is_made_as_its_arguments_say() -> None:
    url = "https://api.example/orders?q=1"
    answer = HttpResponse(201, b'{"id": 7}', {"content-type": "application/json", "x-page": "1"})
    played = Played({url: [answer]})
    parameters = {
        "ApiEndpoint": "https://api.example/orders",
        "Method": "POST",
        "QueryParameters": {"q": "1"},
        "Headers": {"X-Mine": "yes"},
        "RequestBody": {"n": 1},
    }

    ended = run(machine("http", Parameters=parameters), {}, played)

    [(_, request)] = played.requests
    assert (request.method, request.json()) == ("POST", {"n": 1})
    assert (request.headers["X-Mine"], request.headers["X-App"]) == ("yes", "shop")
    assert (ended.value["ResponseBody"], ended.value["StatusCode"], ended.value["StatusText"]) == (
        {"id": 7},
        201,
        "Created",
    )
    assert ended.value["Headers"]["x-page"] == ["1"]


def test_a_request_that_is_refused_fails_by_its_status() -> None:
    parameters = {"ApiEndpoint": "https://api.example/", "Method": "GET"}
    played = Played({"https://api.example/": [HttpResponse(404, b"nothing", {"content-type": "text/plain"})]})

    assert error(run(machine("http", Parameters=parameters), {}, played)) == "States.Http.StatusCode.404"


WAITS = {"Parameters": {"token.$": "$$.Task.Token", "id.$": "$.id"}, "ResultPath": "$.answer"}


def test_a_task_waits_for_its_token_to_be_completed() -> None:
    played = Played({"Work": [Completes({"output": {"approved": True}}, after=86_400)]})

    ended = run(machine("shop.work.waitForTaskToken", **WAITS), {"id": 1}, played)

    assert ended.value == {"id": 1, "answer": {"approved": True}}
    assert played.payloads("Work")[0]["token"].startswith("https://")
    assert ended.seconds >= 86_400


def test_a_task_fails_as_whoever_has_its_token_says() -> None:
    played = Played({"Work": [Completes({"error": "Rejected", "cause": "too dear"})]})
    catch = [{"ErrorEquals": ["Rejected"], "Next": "Caught"}]

    ended = run(machine("shop.work.waitForTaskToken", Catch=catch, **WAITS), {"id": 1}, played)

    assert ended.value == {"Error": "Rejected", "Cause": "too dear"}


def test_a_token_that_nobody_completes_in_time_is_a_timeout() -> None:
    played = Played({"Work": [None]})

    ended = run(machine("shop.work.waitForTaskToken", TimeoutSeconds=60, **WAITS), {"id": 1}, played)

    assert error(ended) == "States.Timeout"
    assert ended.seconds == pytest.approx(60, abs=2)


def test_each_attempt_of_a_task_has_a_token_of_its_own() -> None:
    played = Played({"Work": [Failed("Busy"), Completes({"output": 1})]})

    run(machine("shop.work.waitForTaskToken", Retry=[{"ErrorEquals": ["Busy"]}], **WAITS), {"id": 1}, played)

    tokens = [payload["token"] for payload in played.payloads("Work")]
    assert len(set(tokens)) == 2


def test_a_state_after_a_callback_has_no_token() -> None:
    states = {
        "Work": {"Type": "Task", "Resource": "shop.work.waitForTaskToken", "Next": "After", **WAITS},
        "After": {"Type": "Pass", "Parameters": {"token.$": "$$.Task.Token"}, "End": True},
    }

    assert error(run(states, {"id": 1}, Played({"Work": [Completes({"output": 1})]}))) == "States.Runtime"


def test_an_execution_whose_time_is_over_is_timed_out_and_nobody_catches_it() -> None:
    catch = [{"ErrorEquals": ["States.ALL", "States.Timeout"], "Next": "Caught"}]

    ended = run(machine("shop.work", Catch=catch), {}, Played({"Work": [Late()]}), TimeoutSeconds=10)

    assert ended.raised == {"Error": "States.Timeout", "Cause": "", "Status": "TIMED_OUT"}
    assert ended.seconds == pytest.approx(10, abs=1)


def test_the_time_of_an_execution_ends_waits_retries_and_branches() -> None:
    wait = {"W": {"Type": "Wait", "Seconds": 100, "End": True}}
    branch = {"StartAt": "W", "States": wait}
    around = {
        "P": {
            "Type": "Parallel",
            "Branches": [branch, branch],
            "End": True,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        },
        "Caught": PASS,
    }
    retried = machine("shop.work", Retry=[{"ErrorEquals": ["A"], "IntervalSeconds": 100}])

    for states in (wait, around, retried):
        ended = run(states, {}, Played({"Work": [Failed("A")]}), TimeoutSeconds=10)
        assert ended.raised["Status"] == "TIMED_OUT"
        assert ended.seconds == pytest.approx(10, abs=1)


def test_an_execution_that_is_in_time_is_not_disturbed() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}]
    fields: dict[str, Any] = {"Catch": catch, "TimeoutSeconds": 3}

    ended = run(machine("shop.work", **fields), {}, Played({"Work": [Late()]}), TimeoutSeconds=10)

    assert ended.value["Error"] == "States.Timeout"
