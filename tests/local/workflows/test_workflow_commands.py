"""`isthmus workflow` in another terminal, and others at the same door."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError
from isthmus_local.running_app import NotRunningError, RunningApp
from tests.local.test_dev import Running

DECLARATION = """
from isthmus import App, Target

APPROVAL = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "Asked.waitForTaskToken",
            "Parameters": {"token.$": "$$.Task.Token", "to.$": "$$.Execution.Name"},
            "Next": "Done",
        },
        "Done": {"Type": "Task", "Resource": "functions.desk.done", "End": True},
    },
}

def app(target: Target) -> App:
    app = App("desk")
    seen = app.table("Seen", fields={"to": "string"}, primary_index="to")
    app.api("Api").route("GET /seen/{to}", "functions.desk.read", link=[seen.read])
    app.queue("Asked").subscribe("functions.desk.asked", link=[seen.write])
    app.workflow("Approval", APPROVAL)
    return app
"""

HANDLERS = """
from pathlib import Path
from isthmus import HttpResponse, Resource

def asked(message):
    Resource.Seen.put(message.json())

def read(request):
    return HttpResponse.json(Resource.Seen.get(request.params["to"]))

def done(approved):
    if not Path("mended").exists():
        raise ValueError("broken until it is mended")
    return approved
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "infra").mkdir()
    (folder / "functions").mkdir()
    (folder / "infra" / "app.py").write_text(DECLARATION)
    (folder / "functions" / "__init__.py").write_text("")
    (folder / "functions" / "desk.py").write_text(HANDLERS)
    running = Running(folder, 0)
    assert running.url
    yield running
    running.end()


@pytest.fixture
def approvals(desk: Running) -> Any:
    return RunningApp(desk.folder / ".isthmus" / "dev", "dev").workflow("Approval")


def eventually(look: Callable[[], Any]) -> Any:
    until = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def token_of(desk: Running, name: str) -> str:
    found = eventually(lambda: json.loads(desk.ask(f"/seen/{name}")[1]))
    token: str = found["token"]
    return token


def isthmus(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-c", "from isthmus.cli import main; main()", "workflow", *arguments]
    run = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_an_execution_is_started_completed_and_looked_at_with_commands(desk: Running) -> None:
    execution = isthmus(desk.folder, "start", "Approval", "--json", '{"n": 1}', "--name", "commands").strip()
    isthmus(desk.folder, "succeed", "Approval", token_of(desk, "commands"), "--json", '{"approved": "é"}')
    seen: dict[str, Any] = eventually(
        lambda: (found := json.loads(isthmus(desk.folder, "describe", "Approval", execution)))["stopped"] and found
    )
    told = isthmus(desk.folder, "list", "Approval", "--status", "failed")
    history = isthmus(desk.folder, "history", "Approval", execution).splitlines()
    events = [
        json.loads(line) for line in isthmus(desk.folder, "history", "Approval", execution, "--json").splitlines()
    ]

    assert execution == "Approval:commands"
    assert (seen["status"], seen["error"]) == ("FAILED", "ValueError")
    assert execution in told
    assert len(history) == len(events) > 5
    assert events[0]["type"] == "ExecutionStarted"
    (desk.folder / "mended").touch()
    isthmus(desk.folder, "redrive", "Approval", execution)
    eventually(lambda: json.loads(isthmus(desk.folder, "describe", "Approval", execution))["status"] == "SUCCEEDED")
    (desk.folder / "mended").unlink()


def test_a_task_is_let_fail_and_an_execution_stopped(desk: Running, approvals: Any) -> None:
    failing, stopping = approvals.start({}, name="failing"), approvals.start({}, name="stopping")
    approvals.fail(token_of(desk, "failing"), "Refused", "too dear")
    token = token_of(desk, "stopping")
    approvals.stop(stopping, error="Enough")
    failed, stopped = approvals.describe(failing), approvals.describe(stopping)

    assert (failed.status, failed.error, failed.cause) == ("FAILED", "Refused", "too dear")
    assert (stopped.status, stopped.error) == ("ABORTED", "Enough")
    assert [seen.id for seen in approvals.list(limit=2)] == [stopping, failing]
    assert [seen.id for seen in approvals.list(status="ABORTED")] == [stopping]
    with pytest.raises(TaskTokenError):
        approvals.succeed(token, 1)


def test_what_is_wrong_is_told_by_the_error_that_it_is(approvals: Any) -> None:
    with pytest.raises(ExecutionNotFoundError):
        approvals.describe("Approval:nobody")
    with pytest.raises(ExecutionNotFoundError):
        list(approvals.history("Other:x"))
    with pytest.raises(InvalidValueError, match="80 characters"):
        approvals.start({}, name="a b")
    with pytest.raises(InvalidValueError, match="reserved"):
        approvals.start({"isthmus": 1})
    with pytest.raises(TooLargeError):
        approvals.start("x" * 256 * 1024)


def test_a_workflow_that_is_not_declared_is_told(desk: Running, tmp_path: Path) -> None:
    state = desk.folder / ".isthmus" / "dev"

    with pytest.raises(InvalidValueError, match="no workflow 'Aproval'"):
        RunningApp(state, "dev").workflow("Aproval").start({})
    with pytest.raises(NotRunningError):
        RunningApp(tmp_path, "dev").workflow("Approval").start({})


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("describe", {}),
        ("describe", {"execution": 7}),
        ("list", {"status": "LOST", "limit": 1}),
        ("list", {"limit": -1}),
        ("list", {"limit": True}),
        ("history", {"execution": "Approval:x", "after": "0", "limit": 1}),
        ("stop", {"execution": "Approval:x"}),
        ("succeed", {"output": 1}),
        ("fail", {"token": "x", "error": None, "cause": ""}),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(approvals: Any, action: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"is text|is one of|whole number"):
        approvals._ask(f"workflow.{action}", "Approval", **arguments)
