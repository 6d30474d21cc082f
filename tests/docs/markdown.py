"""Finds the code blocks of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page at which the text starts."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str:
        """The path that the first line names (`# infra/app.py`); "" where the block is no file."""
        first = self.text.partition("\n")[0]
        return first.removeprefix("# ") if first.startswith("# ") and first.endswith(".py") else ""


def pages() -> list[Path]:
    """Return every page that a reader is sent to."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str) -> Iterator[Block]:
    """Yield the blocks of a page in one language, in order."""
    found, start, opened = [""], 0, ""
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if not line.startswith("```"):
            found.append(line)
        elif opened:
            if opened == language:
                yield Block(language, "\n".join(found) + "\n", start)
            opened = ""
        else:
            opened, start, found = line.removeprefix("```").strip() or "text", number + 1, []


def links(page: Path) -> Iterator[str]:
    """Yield the targets of a page's links within the project, without anchors."""
    for part in page.read_text().split("](")[1:]:
        target = part.partition(")")[0].partition("#")[0]
        if target and "://" not in target:
            yield target
