"""Workflows of Google with an emulator author's expectations: over small ones made here, and the outside collection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import __main__ as command
from tests.corpus import workflows
from tests.corpus.report import CollectionError, Outcome

OUTSIDE = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"


def run(folder: Path, source: str, expected: dict[str, Any], *, name: str = "x::Test", args: Any = None) -> Outcome:
    (folder / "one.yaml").write_text(source)
    row = {"id": name, "workflow_path": "one.yaml", "args": args, "expected": expected}
    (folder / workflows.INDEX).write_text(json.dumps(row) + "\n")
    (outcome,) = workflows.run(folder, {})
    return outcome


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ({"status": "SUCCEEDED"}, "agree"),
        ({"status": "SUCCEEDED", "result": {"a": 1, "b": 2}}, "agree"),
        ({"status": "SUCCEEDED", "result_contains": {"a": 1}}, "agree"),
        ({"status": "SUCCEEDED", "result_contains": {"a": 2}}, "differ"),
        ({"status": "SUCCEEDED", "result": {"a": 1}}, "differ"),
        ({"status": "FAILED"}, "differ"),
    ],
)
def test_state_and_result_are_compared(tmp_path: Path, expected: dict[str, Any], verdict: str) -> None:
    source = "main: {params: [n], steps: [{s: {return: {a: 1, b: '${n}'}}}]}"

    assert run(tmp_path, source, expected, args=2).verdict == verdict


def test_what_is_not_deployed_is_a_difference_unless_it_is_listed_for_that_reason(tmp_path: Path) -> None:
    expected = {"status": "SUCCEEDED"}
    typed = "- s: {return: '${type(1)}'}"

    assert run(tmp_path, typed, expected).verdict == "differ"
    assert run(tmp_path, typed, expected, name="x::TestExpr_TypeFunction").verdict == "not applicable"
    assert run(tmp_path, "- s: {stop: 1}", expected, name="x::TestExpr_TypeFunction").verdict == "differ"
    assert run(tmp_path, "- s: {return: 1}", expected, name="x::TestExpr_TypeFunction").verdict == "differ"


def test_a_row_without_its_file_is_a_difference(tmp_path: Path) -> None:
    row = {"id": "a", "workflow_path": "../../etc/passwd", "expected": {"status": "SUCCEEDED"}}
    (tmp_path / workflows.INDEX).write_text(f"{json.dumps(row)}\n[]\n{{}}\n")

    assert [outcome.verdict for outcome in workflows.run(tmp_path, {})] == ["differ"] * 3


def test_a_folder_without_the_index_is_no_collection(tmp_path: Path) -> None:
    with pytest.raises(CollectionError):
        list(workflows.run(tmp_path, {}))


@pytest.mark.skipif(not (OUTSIDE / workflows.INDEX).is_file(), reason="the outside collection is not here")
def test_the_outside_collection_agrees_but_for_what_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["workflows", str(OUTSIDE)]) == 0
    assert capsys.readouterr().out == "65 agree, 0 differ, 13 not applicable\n"
