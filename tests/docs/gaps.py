"""Writes the part of docs/gaps.md that comes from the capability tables: `python -m tests.docs.gaps`."""

from __future__ import annotations

from isthmus.cli.providers import comparison
from isthmus.providers import find
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "gaps.md"
MARK = "<!-- What follows is written by `make gaps`, from the capability tables of the providers. -->\n"
SHOWN = ("aws", "gcp", "local")
"""Those of this repository: what else is installed is not the page's to tell."""


def generated() -> str:
    """Return the tables as they are now."""
    return comparison({name: find(name).capabilities for name in SHOWN})


def write() -> None:
    """Put the tables of now into the page."""
    said = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{said}{MARK}\n{generated()}")


if __name__ == "__main__":
    write()
