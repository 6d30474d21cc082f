"""What earlier builds have made, in the user's cache directory: whole files, named by what they are made from."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

FORMAT = "4"
"""Changed whenever what is kept would be made otherwise: older entries are not looked at any more."""

KEPT = 30 * 24 * 3600
"""Seconds after which what nobody has used is removed."""


def user_cache() -> Path:
    """Return the folder for what this user's programs may lose."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


class Cache:
    """Files by kind and key. Each comes into being whole (written under another name, then renamed), or not at all.

    So two builds at a time only do some work twice, and one that is killed leaves nothing but a file to remove.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or user_cache() / "isthmus" / "bundles") / FORMAT
        self._has_grown = False

    def path(self, kind: str, name: str) -> Path:
        """Return where a file is or would be."""
        return self.folder / kind / name

    def find(self, kind: str, name: str) -> Path | None:
        """Return the file, and note that it is of use; None where it is not there."""
        path = self.path(kind, name)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def read(self, kind: str, name: str) -> bytes | None:
        """Return the bytes of a file; None where it is not there."""
        with suppress(OSError):
            return self.path(kind, name).read_bytes()
        return None

    def write(self, kind: str, name: str, data: bytes) -> Path:
        """Keep a file of these bytes."""
        return self.make(kind, name, lambda path: _ignore(path.write_bytes(data)))

    def make(self, kind: str, name: str, fill: Callable[[Path], None]) -> Path:
        """Keep the file that `fill` makes at the path it is given."""
        path = self.path(kind, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._has_grown = True
        making = path.with_name(f".{os.getpid()}-{token_hex(8)}")
        try:
            fill(making)
            os.replace(making, path)
        finally:
            making.unlink(missing_ok=True)
        return path

    def prune(self) -> None:
        """Remove what nobody has used for a month, and what killed builds have left; where nothing is new, no need."""
        if not self._has_grown:
            return
        oldest = time.time() - KEPT
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _ignore(_: object) -> None:
    return None
