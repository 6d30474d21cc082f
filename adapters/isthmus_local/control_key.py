"""Where a running app can be reached, and the token that lets a command in: a file that is its owner's alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple

FILE = "control.json"
"""The name of the file in a stage's state directory."""


class ControlKey(NamedTuple):
    """The port of the server and its token."""

    port: int
    token: str


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


def write(directory: Path, key: ControlKey) -> None:
    """Let the commands of this user find the server; nobody else can read the file, at any moment."""
    fresh = directory / f"{FILE}.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(key._asdict(), file)
    fresh.replace(directory / FILE)


def read(directory: Path) -> ControlKey | None:
    """Return the key of the app that runs, or ran last, with this state; None where there is none."""
    try:
        found = json.loads((directory / FILE).read_text())
        return ControlKey(int(found["port"]), str(found["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove(directory: Path) -> None:
    """Forget the key: the server ends."""
    (directory / FILE).unlink(missing_ok=True)
