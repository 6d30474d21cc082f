"""Programs that some tests need besides Python."""

from __future__ import annotations

import os
import shutil

import pytest


def need(tool: str) -> str:
    """Return the path of `tool`; without it the test is skipped by that name, and fails where `CI` is true."""
    path = shutil.which(tool)
    if path is not None:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{tool} is not on PATH, and with CI=true nothing is skipped")
    pytest.skip(f"{tool} is not on PATH")
