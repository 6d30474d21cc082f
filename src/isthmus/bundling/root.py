"""The folder of a project."""

from __future__ import annotations

from pathlib import Path

_MARKS = ("Pulumi.yaml", "pyproject.toml")
"""What only the folder of a project has."""


def project_root(start: Path) -> Path:
    """Return `start`, or the nearest of its parents, that has a `Pulumi.yaml` or a `pyproject.toml`; else `start`."""
    for folder in (start, *start.parents):
        if any((folder / mark).is_file() for mark in _MARKS):
            return folder
    return start
