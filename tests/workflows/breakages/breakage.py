"""A breakage: a text in a module of ours that stands there once, and what is put in its place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]
LONGEST = 300
"""Seconds that the tests of one breakage may take: whoever runs longer hangs."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """`breaks` says what is wrong after it, `tests` which ones have to notice; `file` begins with its package."""

    breaks: str
    file: str
    old: str
    new: str
    tests: Sequence[str]

    @property
    def package(self) -> str:
        """The package of ours that it breaks."""
        return self.file.partition("/")[0]

    @property
    def name(self) -> str:
        """What it is called: no two are called alike."""
        return f"{self.package}: {self.breaks}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What tests have come to: the first one that failed, if any has, and all that they said."""

    code: int
    failed: str
    said: str


def broken(breakage: Breakage, folder: Path) -> Path:
    """Copy the package of a breakage into `folder`, with the text changed."""
    copy = copied(breakage.package, folder)
    file = copy.parent / breakage.file
    text = file.read_text("utf-8")
    times = text.count(breakage.old)
    if times != 1:
        raise LookupError(f"{breakage.file} has {times} times what {breakage.breaks!r} changes: {breakage.old!r}")
    file.write_text(text.replace(breakage.old, breakage.new), "utf-8")
    return folder


def copied(package: str, folder: Path) -> Path:
    """Copy a package of ours into `folder`, with what is compiled of it: it is recognised by its time."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(shutil.copytree(Path(found.origin).parent, folder / package))


def judge(folder: Path, tests: Sequence[str]) -> Verdict:
    """Run tests in a process of their own, to which the packages in `folder` are those of the project."""
    variables = {**os.environ, "PYTHONPATH": str(folder), "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis")}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rf", "--no-header", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    failed = re.search(r"^FAILED (\S+)", ended.stdout, re.MULTILINE)
    return Verdict(ended.returncode, failed[1] if failed else "", ended.stdout + ended.stderr)
