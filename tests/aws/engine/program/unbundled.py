"""A handler that works where the project lies, and not in a bundle: its module reads a file that no bundle has."""

from __future__ import annotations

from pathlib import Path

from isthmus import Message

PROJECT = (Path(__file__).resolve().parents[4] / "pyproject.toml").read_text()


def read(message: Message) -> object:
    """Read a message."""
    return message.json()
