"""Programs that some tests need besides Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def need(tool: str, *, folder: Path | None = None, named: str = "") -> str:
    """Return the path of `tool`; without it the test is skipped by that name, and fails where `CI` is true.

    Where `folder` is given it is looked for there alone, and called `named`.
    """
    path = shutil.which(tool, path=str(folder) if folder else None)
    if path is not None:
        return path
    missing = f"{named or tool} is not {'installed: make test does it' if folder else 'on PATH'}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing}, and with CI=true nothing is skipped")
    pytest.skip(missing)
