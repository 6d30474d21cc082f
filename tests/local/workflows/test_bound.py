"""What a document's names are bound to, a whole resource of a service's included, on the laptop."""

from __future__ import annotations

import pytest

from tests.local.workflows import handlers
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import HANDLERS, one

JOB = "arn:aws:states:::batch:submitJob"


@pytest.mark.parametrize("suffix", ["", ".sync", ".sync:2"])
def test_a_whole_resource_that_is_bound_is_the_function_that_is_called_instead(run: Run, suffix: str) -> None:
    state = {"Type": "Task", "Resource": f"{JOB}{suffix}", "Parameters": {"JobName": "pack"}, "End": True}
    laptop = run(lambda app: app.workflow("Work", one(state), bind={JOB: f"{HANDLERS}.echo"}))

    assert laptop.resource("Work").run({})["payload"] == {"JobName": "pack"}
    assert [payload for name, payload, _ in handlers.calls if name == "echo"] == [{"JobName": "pack"}]


def test_an_integration_that_is_bound_as_a_whole_is_one_no_more(run: Run) -> None:
    get = "arn:aws:states:::dynamodb:getItem"
    state = {"Type": "Task", "Resource": get, "Parameters": {"TableName": "other"}, "End": True}
    laptop = run(lambda app: app.workflow("Work", one(state), bind={get: f"{HANDLERS}.echo"}))

    assert laptop.resource("Work").run({})["payload"] == {"TableName": "other"}


def test_what_waits_for_a_token_may_be_bound_as_a_whole(run: Run) -> None:
    parameters = {"token.$": "$$.Task.Token"}
    state = {"Type": "Task", "Resource": f"{JOB}.waitForTaskToken", "Parameters": parameters, "End": True}
    laptop = run(lambda app: app.workflow("Work", one(state), bind={JOB: f"{HANDLERS}.echo"}))
    work = laptop.resource("Work")
    execution = work.start({})
    laptop.settle()
    (token,) = [payload["token"] for name, payload, _ in handlers.calls if name == "echo"]
    work.succeed(token, "done")
    laptop.settle()

    assert work.describe(execution).output == "done"
