"""What is wrong with some data: collected, so that a client is told everything at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Path: TypeAlias = "tuple[Path, str | int] | None"
"""Where in the data: the path of the container and the key or the position in it; None is the whole."""

Reader: TypeAlias = "Callable[[Any, Path, Faults], Any]"
"""Returns the value that some data means; where it means none, adds a fault and returns None."""

MOST = 100
"""How many faults are told: a hostile body must not be answered with a longer one."""


class TooManyFaultsError(Exception):
    """There is no point in reading on."""


class Faults:
    """The faults found so far, in order."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, path: Path, message: str) -> Any:
        """Add one fault; returns None, for a reader to return in its turn."""
        if len(self.found) >= MOST:
            raise TooManyFaultsError
        self.found.append({"field": name_of(path), "message": message})

    def extend(self, others: Faults) -> Any:
        """Add all of `others`; returns None."""
        self.found.extend(others.found[: MOST - len(self.found)])


def name_of(path: Path) -> str:
    """Return a path as a client reads it, such as `items[2].sku`; `$` is the whole."""
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(f"[{step}]" if isinstance(step, int) else step if step.startswith("[") else f".{step}")
    return "".join(reversed(steps)).removeprefix(".") or "$"
