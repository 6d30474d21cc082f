"""What a call comes to whose answer is not as an app's functions give theirs: its status alone tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulators.gcp.workflows.http_calls import HttpResponse
from tests.gcp.workflow.played import Played, error, run

STATES = {"Work": {"Type": "Task", "Resource": "shop.work", "End": True}}


@pytest.mark.parametrize(
    ("status", "name"), [(403, "States.TaskFailed"), (504, "States.Timeout"), (500, "ServiceError")]
)
@pytest.mark.parametrize(
    "body",
    [None, "it broke", [], {}, {"message": "it broke"}, {"error": "it broke"}, {"error": None}, {"error": {}}],
)
def test_an_error_of_another_form_is_named_by_its_status(status: int, name: str, body: Any) -> None:
    answer = HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})

    assert error(run(STATES, {}, Played({"Work": [answer]}))) == name


def test_more_data_than_google_holds_is_a_failure_that_can_be_caught() -> None:
    """A result of 200 KB is one that a state may have; with its copies it is more than an execution's 512 KB."""
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught", "ResultPath": None}]
    states = {
        "Work": {**STATES["Work"], "ResultPath": "$.a.b", "Catch": catch},
        "Caught": {"Type": "Pass", "Parameters": {"caught": True}, "End": True},
    }

    assert run(states, {"a": {}}, Played({"Work": ["x" * 200_000]})).value == {"caught": True}
