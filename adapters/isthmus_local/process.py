"""A worker's process: started clean, noticed when it ends, and ended with everything that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Process:
    """A Python module that runs in a session of its own; `ended(code)` is called on the event loop when it is over.

    Spawn from the thread that lives longest: Linux ends a worker when the *thread* that made it ends.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        descriptors: Sequence[int],
        environment: Mapping[str, str],
        directory: Path,
        ended: Callable[[int], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = ended
        self._child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            pass_fds=descriptors,
            close_fds=True,  # nothing of ours, such as a listening socket, may live on in a child
            cwd=directory,
            env=dict(environment),
            start_new_session=True,
        )
        try:
            self._watch()
        except OSError:  # no descriptor is left
            self.kill()
            self._child.wait()
            raise

    @property
    def pid(self) -> int:
        """The process id, which is also that of its session."""
        return self._child.pid

    def kill(self) -> None:
        """End it at once, and whatever it has started in its session."""
        if self._child.returncode is None:  # not yet waited for, so that the id is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def _watch(self) -> None:
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(self._child.pid)
            self._loop.add_reader(descriptor, self._on_descriptor, descriptor)
        else:
            threading.Thread(target=self._await, name="isthmus-wait", daemon=True).start()

    def _on_descriptor(self, descriptor: int) -> None:
        self._loop.remove_reader(descriptor)
        os.close(descriptor)
        self.kill()  # what it left behind would keep its sockets open; its id is still its own
        self._ended(self._child.wait())

    def _await(self) -> None:
        code = self._child.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._ended, code)
