"""What Jayway's JsonPath itself selects: recorded from version 2.9.0 with its default configuration.

The language's paths are Jayway's. The rows of `jayway.jsonl` are those of the other tests, and others drawn at random
from segments, functions and filters. The one difference is meant: where Jayway raises for a path to a list that nothing
leads to, the service selects an empty list, as its recordings show.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from isthmus.workflows.json_path import paths
from isthmus.workflows.json_path.selection import NothingThereError, follower
from isthmus.workflows.states_error import StatesError

RECORDED = [json.loads(line) for line in (Path(__file__).parent / "jayway.jsonl").read_text().splitlines()]


def selected(path: str, document: Any) -> dict[str, Any]:
    read = paths.parse(path)
    try:
        return {"definite": read.definite, "value": follower(read)(document)}
    except (NothingThereError, StatesError):
        return {"definite": read.definite, "nothing": True}


def settled(answer: dict[str, Any]) -> str:
    """Return an answer as JSON, by which true is not 1; a path to a list that nothing leads to selects an empty one."""
    empty = not answer["definite"] and "nothing" in answer
    return json.dumps([answer["definite"], [] if empty else answer.get("value"), "nothing" in answer and not empty])


def test_a_path_selects_what_jayway_selects() -> None:
    documents, rows = RECORDED[0]["documents"], RECORDED[1:]

    compared = [(row, selected(row["path"], documents[row["document"]])) for row in rows]

    assert len(compared) >= 500
    assert [(row, found) for row, found in compared if settled(found) != settled(row)] == []
