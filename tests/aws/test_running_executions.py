"""The executions of a deployed workflow, from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, IsthmusError
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError
from isthmus_aws.names import physical_name
from isthmus_aws.running_app import RunningApp
from tests.aws.botocore_parts import Stubber
from tests.emulators.aws.ministack import Ministack, ministack
from tests.emulators.environment import environment

__all__ = ["ministack"]

DEFINITION = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Last"},
        "Last": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "No"}],
            "Default": "Yes",
        },
        "No": {"Type": "Fail", "Error": "Bad", "Cause": "told to"},
        "Yes": {"Type": "Succeed"},
    },
}


@pytest.fixture
def running(ministack: Ministack) -> Iterator[RunningApp]:
    ministack.reset()
    app = App("shop")
    app.workflow("Ship", DEFINITION)
    app.workflow("Quick", DEFINITION, express=True)
    target = Target("aws", "dev", account=ministack.account, region=ministack.region)
    for name, kind in (("Ship", "STANDARD"), ("Quick", "EXPRESS")):
        ministack.client("stepfunctions").create_state_machine(
            name=physical_name(app, target, "workflow", name),
            definition=json.dumps(DEFINITION),
            roleArn=f"arn:aws:iam::{ministack.account}:role/test",
            type=kind,
        )
    with environment(ministack.environment):
        yield RunningApp(app, target)


def ended(executions: Any, execution: str) -> Any:
    until = time.monotonic() + 30
    while not (seen := executions.describe(execution)).ended:
        assert time.monotonic() < until, seen
    return seen


def test_an_execution_is_started_described_and_listed(running: RunningApp) -> None:
    ship = running.workflow("Ship")
    names = [f"n{number}" for number in range(4)]
    started = [ship.start({"fail": name == "n2"}, name=name) for name in names]
    for execution in started:
        ended(ship, execution)
    found = ship.list()

    assert sorted(execution.name for execution in found) == names
    assert {execution.id for execution in found} == set(started)
    assert [execution.name for execution in ship.list(status="FAILED")] == ["n2"]
    assert len(ship.list(limit=2)) == 2
    assert ship.start({}, name="n1") == started[1]


def test_a_history_tells_each_transition_in_order(running: RunningApp) -> None:
    ship = running.workflow("Ship")
    execution = ship.start({"fail": True})
    ended(ship, execution)
    events = list(ship.history(execution))

    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "ExecutionStarted"
    assert [event["state"] for event in events if event["type"].endswith("StateEntered")] == ["First", "Last", "No"]
    assert events[-1]["type"] == "ExecutionFailed"
    assert events[-1]["details"] == {"error": "Bad", "cause": "told to"}
    assert all(event["time"] > 0 for event in events)


def test_what_is_no_execution_has_no_history_and_is_not_redriven(running: RunningApp) -> None:
    ship = running.workflow("Ship")
    for execution in ("", "x", ship.start({}) + "0"):
        with pytest.raises(ExecutionNotFoundError):
            ship.history(execution)
        with pytest.raises(ExecutionNotFoundError):
            ship.redrive(execution)


def test_an_execution_that_has_failed_is_redriven(running: RunningApp) -> None:
    ship = running.workflow("Ship")
    execution = ship.start({"fail": True})
    ended(ship, execution)
    client = ship.services.client("stepfunctions")
    found = client.describe_execution(executionArn=execution)
    stubber = Stubber(client)  # the emulator redrives nothing
    stubber.add_response("describe_execution", {k: v for k, v in found.items() if k != "ResponseMetadata"})
    stubber.add_response("redrive_execution", {"redriveDate": found["startDate"]}, {"executionArn": execution})
    with stubber:
        ship.redrive(execution)
        stubber.assert_no_pending_responses()


def test_an_execution_is_stopped_and_a_token_of_nobody_told(running: RunningApp) -> None:
    ship = running.workflow("Ship")
    execution = ship.start({})
    ended(ship, execution)
    ship.stop(execution)
    with pytest.raises(TaskTokenError):
        ship.succeed("nonsense", {})
    with pytest.raises(TaskTokenError):
        ship.fail("nonsense", "E")


def test_of_an_express_workflow_it_is_said_where_to_look(running: RunningApp) -> None:
    quick = running.workflow("Quick")
    for ask in (quick.list, lambda: quick.history("x"), lambda: quick.redrive("x"), lambda: quick.describe("x")):
        with pytest.raises(IsthmusError, match="log"):
            ask()


def test_a_workflow_that_is_not_declared_is_told_with_the_known_ones(running: RunningApp) -> None:
    with pytest.raises(InvalidValueError, match="did you mean 'Ship'"):
        running.workflow("Shipp")
