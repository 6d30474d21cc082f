"""Isthmus's own client over the service: the owner of the project starts, reads, stops and calls back."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import pytest

from isthmus.links import Identity, Link
from isthmus.testing.waiting import wait_until
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError, WorkflowFailedError
from isthmus_gcp.linked import factories
from isthmus_gcp.services import Services
from tests.emulators.environment import environment
from tests.emulators.gcp.owner import EMAIL
from tests.emulators.gcp.process import Google
from tests.emulators.gcp.workflows.sample import ADD, REGION, WAIT, Executions


@pytest.fixture(scope="module")
def google() -> Generator[Google]:
    with Google() as google, environment(google.variables()):
        for name, source in {"add": ADD, "wait": WAIT}.items():
            google.put("workflow", path(google, name), {"sourceContents": source, "userEnvVars": {"COLOUR": "blue"}})
        yield google


def path(google: Google, workflow: str) -> str:
    return f"projects/{google.project}/locations/{REGION}/workflows/{workflow}"


def client(google: Google, workflow: str) -> Any:
    identity = Identity(
        app="app", stage="test", provider="gcp", function="Caller", account=google.project, region=REGION
    )
    link = Link("workflow", "Process", workflow, ("start", "read", "stop", "complete"), None)
    return factories(Services(identity, deadline=10.0))["workflow"](link)


def token_of(google: Google, execution: str) -> str:
    """Return the address at which an execution waits."""
    owner = Executions(google, EMAIL)

    def found() -> Any:
        _, told = owner.ask("GET", f"{execution}/callbacks")
        return [one["name"] for one in told["callbacks"] if one["waiters"] == "1"]

    (name,) = wait_until(found, 10, what="a callback")
    return f"{google.origin}/v1/{name}"


def test_a_workflow_is_run_and_its_output_returned(google: Google) -> None:
    assert client(google, "add").run({"a": 1, "b": 2}) == {"sum": 3, "colour": "blue"}


def test_a_failure_is_raised_with_what_the_workflow_has_raised(google: Google) -> None:
    process = client(google, "add")
    with pytest.raises(WorkflowFailedError):
        process.run({"a": 1})

    assert process.describe(process.start({"a": 1})).status in ("RUNNING", "FAILED")


def test_what_waits_is_completed_by_its_token_once(google: Google) -> None:
    process = client(google, "wait")
    execution = process.start({"seconds": 30})
    token = token_of(google, execution)
    process.succeed(token, {"done": 1})
    ended = wait_until(lambda: _ended(process, execution), 10, what="the end")
    with pytest.raises(TaskTokenError):
        process.succeed(token, None)

    assert (ended.status, ended.output) == ("SUCCEEDED", {"output": {"done": 1}})


def test_an_execution_is_stopped(google: Google) -> None:
    process = client(google, "wait")
    execution = process.start({"seconds": 60})
    token_of(google, execution)
    began = time.monotonic()
    process.stop(execution)
    ended = wait_until(lambda: _ended(process, execution), 10, what="the end")
    process.stop(execution)

    assert ended.status == "ABORTED"
    assert time.monotonic() - began < 10


def test_an_execution_that_is_not_there_is_told_so(google: Google) -> None:
    with pytest.raises(ExecutionNotFoundError):
        client(google, "wait").describe(f"{path(google, 'wait')}/executions/nothing")


def _ended(process: Any, execution: str) -> Any:
    seen = process.describe(execution)
    return seen if seen.ended else None
