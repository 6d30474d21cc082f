"""One server for each state directory: two would deliver everything twice."""

from __future__ import annotations

import os
from pathlib import Path

from isthmus.errors import IsthmusError


class StateInUseError(IsthmusError, OSError):
    """Another process serves this state directory."""

    def __init__(self, directory: Path, holder: str) -> None:
        whose = f" (process {holder})" if holder else ""
        super().__init__(
            f"another `isthmus dev`{whose} uses {directory}: "
            "stop it, or start this one on a state of its own: --stage NAME"
        )


class StateLock:
    """Holds `directory` until it is released or the process ends, however it ends."""

    def __init__(self, directory: Path) -> None:
        import fcntl

        directory.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._descriptor, 32).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise StateInUseError(directory, holder) from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)
