"""What tests of definitions rely on: scripted tasks, and the corrections of ministack's Step Functions."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from tests.emulators.aws.ministack import running
from tests.emulators.aws.step_functions import run


def chain(**states: Any) -> dict[str, Any]:
    """Return a definition of states that follow one another."""
    names = list(states)
    following = {name: {"Next": later} for name, later in pairwise(names)}
    last = {} if states[names[-1]]["Type"] in ("Succeed", "Fail") else {"End": True}
    return {"StartAt": names[0], "States": {name: {**states[name], **following.get(name, last)} for name in names}}


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "any", **fields}


def test_a_task_answers_in_its_order_and_then_the_same_again() -> None:
    retry = [{"ErrorEquals": ["Flaky"], "MaxAttempts": 3}]
    answers: Sequence[Mapping[str, Any]] = [
        {"error": "Flaky"},
        {"error": "Flaky", "cause": "again"},
        {"result": {"paid": True}},
    ]
    outcome = run(chain(Pay=task(Retry=retry), Again={**task(), "ResultPath": None}), {"n": 1}, {"Pay": answers})

    assert (outcome.status, outcome.output) == ("SUCCEEDED", {"paid": True})
    assert outcome.calls == {"Pay": [{"n": 1}] * 3, "Again": [{"paid": True}]}


def test_a_task_that_fails_for_good_fails_the_execution() -> None:
    outcome = run(
        chain(Pay=task(Retry=[{"ErrorEquals": ["Flaky"], "MaxAttempts": 2}])),
        {},
        {"Pay": [{"error": "Flaky", "cause": "c"}]},
    )

    assert (outcome.status, outcome.error, outcome.cause, outcome.output) == ("FAILED", "Flaky", "c", None)
    assert len(outcome.calls["Pay"]) == 3


def test_a_task_without_a_script_returns_what_it_is_given() -> None:
    outcome = run(chain(Do=task(Parameters={"a.$": "$.b"})), {"b": [1]}, {})

    assert outcome.output == {"a": [1]}


def test_hundreds_of_machines_run_in_little_time() -> None:
    definition = chain(First=task(), Rest={"Type": "Wait", "Seconds": 3600}, Last={"Type": "Pass"})
    began = time.monotonic()

    def output(number: int) -> Any:
        return run(definition, number, {}).output

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(output, range(100)))

    assert found == list(range(100))
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("states", "output"),
    [
        (
            {"A": {"Type": "Pass", "Assign": {"v.$": "$.n"}}, "B": {"Type": "Pass", "Parameters": {"v.$": "$v"}}},
            {"v": 1},
        ),
        ({"A": {"Type": "Wait", "Seconds": 1, "Assign": {"v": 2}}, "B": {"Type": "Pass", "InputPath": "$v"}}, 2),
        ({"A": task(Assign={"v.$": "$.n"}, ResultPath=None), "B": {"Type": "Pass", "InputPath": "$v"}}, 1),
        (
            {
                "A": {"Type": "Pass", "Assign": {"v": {"deep": [7]}}},
                "B": {"Type": "Pass", "Parameters": {"s.$": "States.Format('{}', $v.deep[0])"}},
            },
            {"s": "7"},
        ),
    ],
)
def test_states_in_jsonpath_assign_variables(states: Any, output: Any) -> None:
    assert run(chain(**states), {"n": 1}, {}).output == output


def test_a_choice_and_a_catcher_assign_variables() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": 1, "Assign": {"v": "one"}, "Next": "Fail"}]
    catch = [{"ErrorEquals": ["Bad"], "Assign": {"error.$": "$.Error"}, "Next": "Read"}]
    definition = {
        "StartAt": "Which",
        "States": {
            "Which": {"Type": "Choice", "Choices": rules, "Default": "Read", "Assign": {"v": "other", "error": ""}},
            "Fail": {**task(Catch=catch), "Next": "Read"},
            "Read": {"Type": "Pass", "Parameters": {"v.$": "$v", "error.$": "$error"}, "End": True},
        },
    }

    assert run(definition, {"n": 1}, {"Fail": [{"error": "Bad"}]}).output == {"v": "one", "error": "Bad"}
    assert run(definition, {"n": 2}, {}).output == {"v": "other", "error": ""}


def test_what_a_branch_assigns_is_seen_by_nobody_else() -> None:
    branches = [
        chain(A={"Type": "Pass", "Assign": {"v": number}}, B={"Type": "Pass", "InputPath": "$v"}) for number in (1, 2)
    ]
    definition = chain(
        Set={"Type": "Pass", "Assign": {"v": 0}},
        Fan={"Type": "Parallel", "Branches": branches, "ResultPath": "$.fan"},
        Read={"Type": "Pass", "Parameters": {"v.$": "$v", "fan.$": "$.fan"}},
    )

    assert run(definition, {}, {}).output == {"v": 0, "fan": [1, 2]}


def test_a_variable_that_nobody_has_assigned_fails_the_execution() -> None:
    assert run(chain(A={"Type": "Pass", "Parameters": {"v.$": "$nobody"}}), {}, {}).error == "States.Runtime"


def test_a_path_may_descend() -> None:
    given = {"x": 1, "a": [{"x": 2}, {"b": {"x": [3]}}]}
    found = run(chain(A={"Type": "Pass", "Parameters": {"all.$": "$..x", "none.$": "$..y"}}), given, {}).output

    assert found == {"all": [1, 2, [3]], "none": []}


@pytest.mark.parametrize("names", [["States.ALL"], ["States.TaskFailed"]])
def test_a_fault_of_the_definition_is_caught_by_no_general_name(names: list[str]) -> None:
    definition = chain(A=task(Catch=[{"ErrorEquals": names, "Next": "B"}]), B={"Type": "Pass"})

    assert run(definition, {}, {"A": [{"error": "States.Runtime"}]}).status == "FAILED"
    assert run(definition, {}, {"A": [{"error": "Other"}]}).status == "SUCCEEDED"


def test_a_role_is_asked_for_what_a_task_does() -> None:
    with running() as server:
        iam, states, queues = (server.client(service) for service in ("iam", "stepfunctions", "sqs"))
        url = queues.create_queue(QueueName="work")["QueueUrl"]
        role = iam.create_role(RoleName="narrow", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
        definition = {
            "StartAt": "Send",
            "States": {"Send": {**send, "Parameters": {"QueueUrl": url, "MessageBody": "a"}}},
        }
        machine = states.create_state_machine(name="m", definition=json.dumps(definition), roleArn=role)
        refused = states.start_sync_execution(stateMachineArn=machine["stateMachineArn"])
        allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{server.region}:*:work"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName="narrow", PolicyName="send", PolicyDocument=document)
        done = states.start_sync_execution(stateMachineArn=machine["stateMachineArn"])

    assert (refused["status"], refused["error"]) == ("FAILED", "States.Permissions")
    assert done["status"] == "SUCCEEDED"
