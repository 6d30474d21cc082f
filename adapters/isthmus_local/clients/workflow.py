"""The client of a linked workflow: the laptop has no engine for workflows yet."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.errors import ServiceError
from isthmus.links import Link


class WorkflowClient:
    """A linked workflow: see `isthmus.ports.Workflow`."""

    __slots__ = ("_link", "name")

    def __init__(self, link: Link) -> None:
        self.name = link.physical
        self._link = link

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Raise `ServiceError`: nothing could run the execution."""
        raise ServiceError(
            f"workflow {self._link.name!r} was not started: the local provider has no engine for workflows yet. "
            f"Leave the workflow out there: if target.provider != 'local', in infra/app.py"
        )

    def __repr__(self) -> str:
        return f"<Workflow {self._link.name}>"
