"""The tables of a page, and how a page says what a capability table does."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.capabilities import Between, Ignored, Support, Unsupported


def rows(page: str) -> Iterator[list[str]]:
    """Yield the cells of each row of a table of the page."""
    for line in page.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def said(support: Support) -> str:
    """Return how a page says a row that is not simply supported; "" for one that is."""
    if isinstance(support, Between):
        return f"{support.low:,} to {support.high:,} {support.unit}"
    if isinstance(support, Unsupported):
        return f"none: {support.reason}"
    return f"changes nothing: {support.reason}" if isinstance(support, Ignored) else ""
