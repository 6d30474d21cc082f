"""The collection of definitions that other linters hold valid or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.workflows.lint.problems import problems
from tests.corpus import __main__ as command
from tests.corpus import lint
from tests.corpus.report import Outcome

OUTSIDE = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"
SOUND = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


def collection(folder: Path, *rows: Any, **files: Any) -> Path:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / lint.INDEX).write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_a_definition_agrees_where_both_hold_it_valid_or_not(tmp_path: Path) -> None:
    rows = [{"definition_path": "a.json", "valid": True}, {"definition_path": "b.json", "valid": False}]

    assert list(lint.run(collection(tmp_path, *rows, a=SOUND, b={}), {})) == [
        Outcome("a.json", "agree"),
        Outcome("b.json", "agree"),
    ]


def test_a_difference_says_what_is_told_of_a_valid_definition(tmp_path: Path) -> None:
    rows = [{"definition_path": "a.json", "valid": False}, {"definition_path": "b.json", "valid": True}]

    assert [outcome.reason for outcome in lint.run(collection(tmp_path, *rows, a=SOUND, b={}), {})] == [
        "it is not valid, and nothing is told",
        "it is valid, but the definition: a definition needs 'StartAt'",
    ]


@pytest.mark.parametrize("row", [[], {}, {"definition_path": "../x", "valid": True}, {"definition_path": "a.json"}])
def test_a_row_that_cannot_be_read_differs(tmp_path: Path, row: Any) -> None:
    assert [outcome.verdict for outcome in lint.run(collection(tmp_path, row, a=SOUND), {})] == ["differ"]


def test_a_file_that_is_no_json_differs(tmp_path: Path) -> None:
    (outcome,) = lint.run(collection(tmp_path, {"definition_path": "a.json", "valid": True}, a="{"), {})

    assert outcome.reason.startswith("the file is not JSON")


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_the_outside_collection_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    rows = (OUTSIDE / lint.INDEX).read_text().splitlines()

    assert command.main(["lint", str(OUTSIDE)]) == 0
    assert capsys.readouterr().out == f"{len(rows)} agree, 0 differ, 0 not applicable\n"


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_as_many_problems_are_told_as_others_tell() -> None:
    rows = [json.loads(line) for line in (OUTSIDE / lint.INDEX).read_text().splitlines()]
    counted = [row for row in rows if "expected_problem_count" in row]
    told = {path: len(problems(json.loads((OUTSIDE / path).read_bytes()))) for path in map(_path, counted)}

    assert told == {row["definition_path"]: row["expected_problem_count"] for row in counted}


def _path(row: dict[str, Any]) -> str:
    return str(row["definition_path"])


def recorded() -> Iterator[tuple[str, Any]]:
    """Yield every definition that ran on the real service, which therefore held it valid."""
    for row in map(json.loads, (OUTSIDE / "asl_cases.jsonl").read_text().splitlines()):
        yield row["definition_path"], json.loads((OUTSIDE / row["definition_path"]).read_bytes())
    for row in map(json.loads, (OUTSIDE / "asl_test_state.jsonl").read_text().splitlines()):
        yield row["id"], _whole(row["definition"])


def _whole(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition of the one state that a test of a single state gives."""
    if "States" in definition:
        return definition
    entries = [definition, *definition.get("Choices", ()), *definition.get("Catch", ())]
    led_to = {entry[name] for entry in entries for name in ("Next", "Default") if name in entry}
    return {"StartAt": "@", "States": {"@": definition, **{name: {"Type": "Succeed"} for name in led_to}}}


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_nothing_is_wrong_with_what_ran_on_the_real_service() -> None:
    faults = {path: found for path, definition in recorded() if (found := problems(definition))}

    assert faults == {}
