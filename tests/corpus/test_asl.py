"""The command over recordings of executions made here, and over the outside collection where it is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import __main__ as command
from tests.corpus import asl
from tests.corpus.report import Outcome

OUTSIDE = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"

OPEN = {asl.UNMOCKABLE: 1, asl.UNKNOWN: 1}
"""How many rows of the outside collection are not applicable, and why."""

STATES = {
    "A": {"Type": "Task", "Resource": "work", "Next": "B"},
    "B": {"Type": "Pass", "ResultPath": "$.b", "End": True},
}


def recording(**changes: Any) -> dict[str, Any]:
    answers = [{"state": "A", "event": "TaskSucceeded", "task_input": {}, "result": {"a": 1}}]
    row: dict[str, Any] = {"id": "one", "definition_path": "d.json", "input": {}, "expected_status": "SUCCEEDED"}
    return {**row, "expected_output": {"a": 1, "b": {"a": 1}}, "task_results": answers, **changes}


def judged(folder: Path, row: dict[str, Any], states: Any = STATES) -> Outcome:
    (folder / "d.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    (folder / asl.CASES).write_text(json.dumps(row))
    (outcome,) = asl.run_all(folder, {})
    return outcome


def test_an_execution_that_comes_to_the_same_agrees(tmp_path: Path) -> None:
    assert judged(tmp_path, recording()) == Outcome("one", "agree")


@pytest.mark.parametrize(
    "changes",
    [
        {"expected_output": {"a": 1, "b": {"a": 2}}},
        {"expected_output": {"a": True, "b": {"a": 1}}},
        {"expected_output": {"a": 1}},
        {"expected_status": "FAILED"},
        {"definition_path": "../d.json"},
        {"task_results": [{"state": "A", "error": "Boom", "cause": None, "event": "TaskFailed"}]},
    ],
)
def test_an_execution_that_comes_to_something_else_differs(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert judged(tmp_path, recording(**changes)).verdict == "differ"


@pytest.mark.parametrize(("error", "verdict"), [("Boom", "agree"), ("Bang", "differ"), (None, "differ")])
def test_the_error_of_one_that_failed_must_agree(tmp_path: Path, error: str | None, verdict: str) -> None:
    failed = [{"state": "A", "error": "Boom", "cause": {"why": 1}, "event": "TaskFailed"}]
    row = recording(expected_status="FAILED", expected_error=error, task_results=failed)

    assert judged(tmp_path, row).verdict == verdict


def test_what_is_masked_is_not_compared(tmp_path: Path) -> None:
    row = recording(expected_output={"a": "<uuid:1>", "b": {"a": "<uuid:1>"}})

    assert judged(tmp_path, row).verdict == "differ"
    assert judged(tmp_path, {**row, "expected_placeholders": ["$.output.a", "$.output.b.a"]}).verdict == "agree"


def test_a_task_whose_answer_is_nowhere_is_not_applicable(tmp_path: Path) -> None:
    assert judged(tmp_path, recording(task_results=[])) == Outcome("one", "not applicable", asl.UNMOCKABLE)


def test_a_row_that_cannot_be_read_differs_and_does_not_end_the_run(tmp_path: Path) -> None:
    assert judged(tmp_path, {"id": "one"}).verdict == "differ"


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ({"status": "SUCCEEDED", "output": {"x": 1}, "nextState": "N"}, "agree"),
        ({"status": "SUCCEEDED", "output": {"x": 1}}, "differ"),
        ({"status": "SUCCEEDED", "output": {"x": 2}, "nextState": "N"}, "differ"),
        ({"status": "FAILED", "error": "E"}, "differ"),
    ],
)
def test_a_try_of_one_state_agrees_by_what_comes_of_it(tmp_path: Path, expected: Any, verdict: str) -> None:
    row = {"id": "t", "definition": {"Type": "Pass", "Next": "N"}, "input": {"x": 1}, "args": {}, "expected": expected}
    (tmp_path / asl.TRIES).write_text(json.dumps(row))

    (outcome,) = asl.run_all(tmp_path, {})

    assert outcome.verdict == verdict


def test_the_command_says_that_there_is_no_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["asl", str(tmp_path)]) == 2
    assert asl.CASES in capsys.readouterr().err


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_no_recording_of_the_outside_collection_differs() -> None:
    outcomes = list(asl.run_all(OUTSIDE, {}))

    assert [outcome for outcome in outcomes if outcome.verdict == "differ"] == []
    reasons = [outcome.reason for outcome in outcomes if outcome.verdict == "not applicable"]
    assert {reason: reasons.count(reason) for reason in reasons} == OPEN
    rows = sum(len((OUTSIDE / name).read_text().splitlines()) for name in (asl.CASES, asl.TRIES))
    assert len(outcomes) == rows
