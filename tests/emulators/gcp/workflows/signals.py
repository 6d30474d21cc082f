"""How a list of steps ends before its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Go:
    """A jump to a step, or to `end`, `break` or `continue`."""

    target: str


@dataclass(frozen=True, slots=True)
class Give:
    """The end of a workflow with a value."""

    value: Any


Signal = Go | Give
