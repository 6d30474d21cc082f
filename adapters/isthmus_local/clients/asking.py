"""What every client of the laptop asks with, and the names that it leaves to the clouds."""

from __future__ import annotations

from isthmus._typing import Any, Protocol

CHUNK = 100
"""How many messages or items travel to the supervisor in one call, all of them one transaction there."""

CHUNK_BYTES = 4 * 1024 * 1024
"""How many bytes of them, about."""

RESERVED = ("aws.", "amazon.", "goog")
"""How names of attributes begin that a cloud keeps for itself: refused here too, so that an app learns of it early."""


class Transport(Protocol):
    """How a client asks the supervisor: an error of Isthmus is raised here as the class that it was there."""

    def call(self, op: str, resource: str, *args: Any) -> Any:
        """Return what the operation `op` on the declared `resource` returns; arguments are plain values."""
        ...
