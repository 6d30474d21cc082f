"""Definitions that two other linters hold valid or not: ours must agree on each, in whatever words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from isthmus.ports import Provider
from isthmus.workflows.lint.problems import problems
from tests.corpus.index import inside, objects
from tests.corpus.report import Outcome

INDEX = "asl_lint_cases.jsonl"


def run(directory: Path, _providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each case of `asl_lint_cases.jsonl` in `directory`."""
    for row in objects(directory, INDEX):
        yield row if isinstance(row, Outcome) else _case(directory, *row)


def _case(directory: Path, case: str, row: Mapping[str, Any]) -> Outcome:
    path, valid = row.get("definition_path"), row.get("valid")
    if not isinstance(path, str) or not isinstance(valid, bool):
        return Outcome(case, "differ", "the row has no text as definition_path, or does not say whether it is valid")
    file = inside(directory, path)
    if isinstance(file, str):
        return Outcome(path, "differ", file)
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        return Outcome(path, "differ", f"the file is not JSON: {error}")
    found = problems(document)
    if bool(found) is not valid:
        return Outcome(path, "agree")
    return Outcome(path, "differ", f"it is valid, but {found[0]}" if valid else "it is not valid, and nothing is told")
