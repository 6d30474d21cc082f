from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from isthmus.cli import workflow_executions
from isthmus.cli.commands import cli
from isthmus.workflow_execution import WorkflowExecution
from tests.cli.capable import Run

SOUND: dict[str, Any] = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
BROKEN: dict[str, Any] = {"StartAt": "Wiat", "States": {"Wait": {"Type": "Wait", "Second": -1, "End": True}}}
APP = """
def app(target):
    app = App("shop")
    app.workflow("Pause", "pause.asl.json")
    app.workflow("Built", {"StartAt": "A", "States": {"A": {"Type": "Succeed", "Zzz": 1}}})
    return app
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pause.asl.json").write_text(json.dumps(SOUND))
    (tmp_path / "broken.asl.json").write_text(json.dumps(BROKEN))
    return tmp_path


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["workflow", *arguments])


@pytest.mark.parametrize("name", ["lint", "graph"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = command(name, "--help")

    assert result.exit_code == 0
    assert f"isthmus workflow {name}" in result.output


def test_a_mistyped_command_is_told_with_the_nearest() -> None:
    result = command("grpah")

    assert result.exit_code == 2
    assert "did you mean 'graph'?" in result.output


@pytest.mark.usefixtures("folder")
def test_a_sound_file_has_no_problems() -> None:
    result = command("lint", "pause.asl.json")

    assert (result.exit_code, result.output) == (0, "1 definition. No problems.\n")


@pytest.mark.usefixtures("folder")
def test_each_problem_of_each_file_is_a_line_that_says_where() -> None:
    result = command("lint", "pause.asl.json", "broken.asl.json")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "broken.asl.json: /StartAt: there is no state 'Wiat' in this machine: did you mean 'Wait'?",
        "broken.asl.json: /States/Wait/Second: a Wait has no field 'Second': did you mean 'Seconds'?",
        "broken.asl.json: /States/Wait/Second: must be a whole number from 0 to 99,999,999, not -1",
    ]
    assert "3 problems in 2 definitions" in result.stderr


def test_a_name_that_stands_twice_in_a_file_is_told_of(folder: Path) -> None:
    (folder / "twice.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Fail"}, "A": {"Type": "Succeed"}}}')
    result = command("lint", "twice.json")

    assert result.exit_code == 1
    assert result.stdout == (
        "twice.json: /States/A: the name 'A' stands more than once in this object: only the last one counts\n"
    )


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_cannot_be_read_is_an_error_and_no_traceback(folder: Path, content: bytes) -> None:
    (folder / "bad.json").write_bytes(content)
    result = command("lint", "bad.json")

    assert result.exit_code == 1
    assert "bad.json is no JSON that can be read" in result.output


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_not_there_is_named() -> None:
    assert "there is no file other.json" in command("lint", "other.json").output


def test_half_a_character_in_a_name_can_be_printed(folder: Path) -> None:
    (folder / "half.json").write_text('{"StartAt": "\\ud800", "States": {"\\ud800": {"Type": "Succeed", "Zzz": 1}}}')

    assert "Zzz" in command("lint", "half.json").output


class HalfCharacters:
    """Executions with half a character in their data."""

    def describe(self, execution: str) -> WorkflowExecution:
        return WorkflowExecution(id=execution, name="n", status="SUCCEEDED", started=0.0, output="\ud800é")

    def history(self, execution: str) -> list[dict[str, Any]]:
        return [{"id": 1, "type": "PassStateExited", "time": 0.0, "state": "A\ud800", "details": {"output": "\ud800"}}]


@pytest.mark.parametrize("arguments", [["describe"], ["history"], ["history", "--json"]])
def test_half_a_character_in_the_data_of_an_execution_can_be_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    def executions(*_: object) -> HalfCharacters:
        return HalfCharacters()

    monkeypatch.setattr(workflow_executions, "_executions", executions)

    result = run(APP, "workflow", *arguments, "Pause", "Pause:n")

    assert result.exit_code == 0
    assert "\\ud800" in result.output


@pytest.mark.usefixtures("folder")
def test_a_workflow_of_the_app_is_known_by_its_name(run: Run) -> None:
    result = run(APP, "workflow", "lint", "Pause", "Built")

    assert result.exit_code == 1
    assert result.stdout == "Built: /States/A/Zzz: a Succeed has no field 'Zzz'\n"


@pytest.mark.usefixtures("folder")
def test_a_name_that_the_app_does_not_declare_is_told_with_the_nearest(run: Run) -> None:
    result = run(APP, "workflow", "lint", "Puase")

    assert result.exit_code == 1
    assert "the app declares no workflow 'Puase': did you mean 'Pause'?" in result.output


def test_a_drawing_is_written_to_a_file(folder: Path, run: Run) -> None:
    result = run(APP, "workflow", "graph", "Pause", "-o", "pause.svg")

    assert (result.exit_code, result.output) == (0, "pause.svg is written.\n")
    assert (folder / "pause.svg").read_text(encoding="utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg"')


@pytest.mark.usefixtures("folder")
def test_a_drawing_of_a_file_is_printed_in_the_format_that_is_asked_for() -> None:
    result = command("graph", "pause.asl.json", "--format", "mermaid")

    assert result.exit_code == 0
    assert result.output.startswith('---\ntitle: "pause"\n---\nflowchart TD\n')


def test_what_is_no_definition_cannot_be_drawn(folder: Path) -> None:
    (folder / "list.json").write_text("[]")
    result = command("graph", "list.json")

    assert result.exit_code == 1
    assert "no definition of the States Language" in result.output
