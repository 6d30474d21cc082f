"""`isthmus workflow run`: a file, or a declared workflow whose functions are called; the history, and the exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from isthmus.cli.commands import cli

STATES = {
    "A": {"Type": "Task", "Resource": "Work", "Retry": [{"ErrorEquals": ["Boom"]}], "Next": "W"},
    "W": {"Type": "Wait", "Seconds": 3600, "End": True},
}

APP = """
from isthmus import App

def app(target):
    app = App("shop")
    app.function("Double", "doubling.double")
    app.workflow("Flow", {"StartAt": "D", "States": {
        "D": {"Type": "Task", "Resource": "Double", "Next": "E"},
        "E": {"Type": "Task", "Resource": "Double",
              "Catch": [{"ErrorEquals": ["TooMuchError"], "Next": "F"}], "End": True},
        "F": {"Type": "Pass", "End": True}}})
    return app
"""

HANDLERS = """
class TooMuchError(Exception):
    pass

def double(payload):
    if payload > 100:
        raise TooMuchError(f"{payload} is too much")
    return payload * 2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.asl.json").write_text(json.dumps({"StartAt": "A", "States": STATES}))
    return tmp_path


def run(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["workflow", "run", *arguments], input=input, prog_name="isthmus")


def mock(folder: Path, answers: Any) -> str:
    (folder / "answers.json").write_text(json.dumps(answers))
    return "answers.json"


def test_a_file_is_run_with_its_mocks_and_its_history_is_printed(folder: Path) -> None:
    answers = mock(folder, {"A": [{"error": "Boom", "cause": "once"}, {"result": {"ok": True}, "seconds": 2}]})

    result = run("flow.asl.json", "--input", '{"i": 1}', "--mock", answers)

    assert result.exit_code == 0
    assert "TaskFailed" in result.output
    assert "   3.000s  TaskSucceeded" in result.output
    assert result.output.endswith('SUCCEEDED after 3603 s\n{\n  "ok": true\n}\n')


def test_an_execution_that_fails_exits_with_one_and_says_why(folder: Path) -> None:
    result = run("flow.asl.json", "--mock", mock(folder, {"A": {"error": "Bang", "cause": "broken"}}))

    assert result.exit_code == 1
    assert "FAILED after 0 s" in result.output
    assert "Bang: broken" in result.output


def test_a_task_that_never_ends_is_told(folder: Path) -> None:
    result = run("flow.asl.json", "--mock", mock(folder, {"A": {"seconds": None}}))

    assert result.exit_code == 1
    assert "nothing limits its time" in result.output


def test_the_input_may_come_from_standard_input(folder: Path) -> None:
    result = run("flow.asl.json", "--input", "-", "--mock", mock(folder, {"A": {"result": 1}}), input='{"piped": 1}')

    assert '{"input": {"piped": 1}}' in result.output


def test_a_task_without_a_mock_is_named(folder: Path) -> None:
    result = run("flow.asl.json")

    assert result.exit_code == 1
    assert "there is no mock of the task 'A'" in result.output


@pytest.mark.parametrize("answers", [[], 7, {"A": 1}, {"A": {"result": 1, "error": "x"}}, {"A": {"error": 7}}])
def test_what_is_no_mock_is_refused(folder: Path, answers: Any) -> None:
    result = run("flow.asl.json", "--mock", mock(folder, answers))

    assert result.exit_code == 1
    assert "mock" in result.output


@pytest.mark.parametrize(
    "arguments", [("flow.asl.json", "--input", "{"), ("absent.json",), ("flow.asl.json", "--mock", "absent")]
)
def test_what_cannot_be_read_is_said_and_not_run(folder: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code in {1, 2}
    assert "ExecutionStarted" not in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "declared.py").write_text(APP)
    (folder / "doubling.py").write_text(HANDLERS)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    for name in ("declared", "doubling"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


def test_a_declared_workflow_calls_its_functions(project: Path) -> None:
    result = run("Flow", "--input", "21", "--app", "declared.py")

    assert result.exit_code == 0, result.output
    assert result.output.endswith("SUCCEEDED after 0 s\n84\n")


def test_what_a_handler_raises_is_caught_by_the_name_of_its_class(project: Path) -> None:
    result = run("Flow", "--input", "60", "--app", "declared.py")

    assert result.exit_code == 0, result.output
    caught = json.loads(result.output.partition("SUCCEEDED after 0 s\n")[2])
    assert caught["Error"] == "TooMuchError"
    assert json.loads(caught["Cause"]) == {"errorMessage": "120 is too much", "errorType": "TooMuchError"}


def test_a_mock_stands_before_a_function(project: Path) -> None:
    result = run("Flow", "--input", "1", "--app", "declared.py", "--mock", mock(project, {"D": {"result": 50}}))

    assert result.output.endswith("100\n")
