"""Compiles every definition below a folder to Google Workflows, and tells which are refused, and why.

What a definition calls is not there, so that stand-ins are called: what decides is the language, and what a task asks
for. What no resource of an app stands for is taken as bound to a handler of the app (`bind`); how many definitions need
that is told as well, by what they call.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from isthmus.errors import InvalidValueError
from isthmus.workflows.definition import Definition, State, parse
from isthmus.workflows.resource_uris import CALLBACK
from isthmus.workflows.tasks import Pattern, Task
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.profile import StandIns
from isthmus_gcp.workflow.refusal import RefusedError, UnportableError
from tests.corpus.report import CollectionError

LARGEST = 4 * 1024 * 1024
"""Larger files are none that somebody wrote."""


@dataclass(slots=True)
class Report:
    """What came of a folder."""

    compiled: int = 0
    refused: dict[str, list[str]] = field(default_factory=lambda: {})
    crashed: dict[str, str] = field(default_factory=lambda: {})
    bound: int = 0
    services: Counter[str] = field(default_factory=Counter[str])

    @property
    def lines(self) -> Iterator[str]:
        """What is printed: the reasons, and the totals as the last line."""
        for path, reasons in self.refused.items():
            yield from (f"refused: {path}: {reason}" for reason in reasons)
        yield from (f"crashed: {path}: {reason}" for path, reason in self.crashed.items())
        if self.bound:
            services = ", ".join(f"{name} ({count})" for name, count in self.services.most_common(12))
            what = "only with handlers bound to what nothing in an app stands for"
            yield f"{self.bound} of the compiled {what}: {services}{', …' if len(self.services) > 12 else ''}"
        yield f"{self.compiled} compiled, {len(self.refused)} refused, {len(self.crashed)} crashed"


def report(directory: Path) -> Report:
    """Compile all definitions below a folder."""
    if not directory.is_dir():
        raise CollectionError(f"{directory} is not a folder")
    found = Report()
    for file in sorted(directory.rglob("*")):
        if file.suffix in (".json", ".yaml", ".yml") and file.is_file() and file.stat().st_size <= LARGEST:
            definition = read(file)
            if definition is not None:
                _compile(found, str(file.relative_to(directory)), definition)
    return found


def read(file: Path) -> Definition | None:
    """Return the definition in a file; None where there is none."""
    try:
        text = file.read_text("utf-8")
        document: Any = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
        return parse(document)
    except (OSError, ValueError, RecursionError, InvalidValueError, yaml.YAMLError):
        return None


class Bound(StandIns):
    """Stand-ins with a handler bound to all that nothing else stands for: `services` are those."""

    def __init__(self) -> None:
        self.services: set[str] = set()

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for."""
        try:
            return super().task(state)
        except UnportableError:
            resource = state.fields.get("Resource")
            if not isinstance(resource, str) or not resource or ":activity:" in resource:
                raise
            self.services.add(resource.rpartition(":::")[2])
            pattern: Pattern = "callback" if resource.endswith(CALLBACK) else ""
            return Task(kind="function", action="invoke", name=resource, pattern=pattern)


def _compile(found: Report, path: str, definition: Definition) -> None:
    targets = Bound()
    try:
        compile_workflow(definition, targets)
    except RefusedError as error:
        found.refused[path] = [str(fault) for fault in error.faults]
    except Exception as error:  # that it never raises anything else is what is tested
        found.crashed[path] = f"{type(error).__name__}: {error}"
    else:
        found.compiled += 1
        found.bound += bool(targets.services)
        found.services.update(targets.services)
