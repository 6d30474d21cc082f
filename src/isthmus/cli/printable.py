"""Lines that any terminal can take."""

from __future__ import annotations


def printable(line: str) -> str:
    """Return the line as any terminal can take it: a document may have half a character in a name or in its data."""
    return line.encode("utf-8", "backslashreplace").decode()
