"""The laptop of a test, and the handlers' memory, which is empty at its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from isthmus import App
from tests.local.workflows import handlers
from tests.local.workflows.laptop import Laptop

Run: TypeAlias = "Callable[[Callable[[App], Any]], Laptop]"
"""Runs an app that a function declares."""


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    handlers.calls.clear()
    handlers.correlations.clear()
    handlers.gate.clear()
    handlers.mood.update(bad=True, why="today")
    yield
    handlers.gate.set()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    laptops: list[Laptop] = []

    def running(declare: Callable[[App], Any]) -> Laptop:
        laptops.append(Laptop(tmp_path, declare))
        return laptops[-1]

    yield running
    handlers.gate.set()
    for laptop in laptops:
        laptop.close()
