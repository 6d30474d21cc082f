"""Workflows: each definition is a file of JSON with states in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_mapping


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the definitions that cannot be read."""
    for workflow in draft.of(Workflow):
        fault = _fault(workflow.definition) if workflow.definition else ""
        if fault:
            yield Problem(workflow.where, f"{label(workflow)}: {fault}")


def _fault(path: str) -> str:
    try:
        definition: Any = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        return f"there is no file {path!r}, seen from {Path.cwd().name!r}, where the app starts"
    except (OSError, ValueError, RecursionError) as error:
        return f"{path!r} is no JSON that can be read: {error}"
    if not is_mapping(definition) or "States" not in definition or "StartAt" not in definition:
        return f"{path!r} is no States Language definition: it has no States and StartAt"
    return ""
