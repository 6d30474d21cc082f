"""What a call comes to whose answer is not as an app's functions give theirs: its status alone tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulators.gcp.workflows.http_calls import HttpResponse
from tests.gcp.workflow.played import Played, Unreachable, error, run

URL = "https://api.example/orders"
ASK = {
    "Ask": {"Type": "Task", "Resource": "http", "Parameters": {"ApiEndpoint": URL, "Method": "GET"}, "End": True},
}
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


@pytest.mark.parametrize(
    ("status", "name"), [(404, "States.TaskFailed"), (504, "States.Timeout"), (503, "ServiceError")]
)
@pytest.mark.parametrize("media", [{}, {"content-type": "application/octet-stream"}], ids=["none", "bytes"])
@pytest.mark.parametrize("body", [b"", b"it broke", b"\xff"])
def test_an_error_whose_body_is_bytes_is_named_by_its_status(
    status: int, name: str, media: dict[str, str], body: bytes
) -> None:
    assert error(run(STATES, {}, Played({"Work": [HttpResponse(status, body, media)]}))) == name


@pytest.mark.parametrize(("body", "cause"), [(b"", '""'), (b"gone", '"gone"'), (b"\xff", "")])
def test_a_request_that_is_refused_with_bytes_is_named_by_its_status(body: bytes, cause: str) -> None:
    ended = run(ASK, {}, Played({URL: [HttpResponse(404, body)]}))

    assert ended.raised == {"Error": "States.Http.StatusCode.404", "Cause": cause}


def test_a_request_that_nobody_answers_is_named_as_the_language_names_it() -> None:
    assert error(run(ASK, {}, Played({URL: [Unreachable()]}))) == "States.Http.Socket"


def test_more_data_than_google_holds_is_a_failure_that_can_be_caught() -> None:
    """A result of 200 KB is one that a state may have; with its copies it is more than an execution's 512 KB."""
    catch = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught", "ResultPath": None}]
    states = {
        "Work": {**STATES["Work"], "ResultPath": "$.a.b", "Catch": catch},
        "Caught": {"Type": "Pass", "Parameters": {"caught": True}, "End": True},
    }

    assert run(states, {"a": {}}, Played({"Work": ["x" * 200_000]})).value == {"caught": True}
