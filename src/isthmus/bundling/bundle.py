"""A finished bundle, and the one error that names everything that stands in the way of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from isthmus.declarations.problem import Problem
from isthmus.errors import IsthmusError


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip at `path`: the SHA-256 of its bytes in hexadecimal, and their number.

    `parts` are the bytes that each top-level package takes of it, deflated; `unpacked` those of all files together.
    `compiled` tells whether it has modules that are made for one kind of processor.
    """

    path: Path
    digest: str
    size: int
    parts: Mapping[str, int]
    unpacked: int
    compiled: bool = False


class BundleError(IsthmusError, ValueError):
    """Functions that cannot be packed: `problems` holds everything there is to mend, of all functions."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        ordered = sorted(set(problems))
        count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
        super().__init__("\n".join([f"{count} in the bundles:", *(f"  {problem}" for problem in ordered)]))
        self.problems = tuple(ordered)
