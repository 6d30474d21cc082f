"""A workflow: a States Language definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from isthmus.declarations.function import Function
from isthmus.declarations.resource import Grant, Resource
from isthmus.workflows.definition import Definition


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workflow(Resource):
    """A definition in the States Language, and what its tasks reach.

    `definition` is the path of a file of JSON (`.asl.json`) or the document itself, as a builder makes it. A task names
    a handler's path, or a declared function, queue, topic or workflow. `bind` maps other names that the document uses
    (ARNs, addresses, names of tables) to handler paths or declared resources. What the workflow may do is what its
    definition says; `link` is what the functions may use that are made for its handler paths. `express` asks for many
    short executions, which end within five minutes, and of which no history is kept.

    `parsed` is the definition once it was read, `fault` why it was not, and `functions` those that were made.
    """

    kind: ClassVar[str] = "workflow"
    verbs: ClassVar[tuple[str, ...]] = ("start", "read", "stop", "complete")

    definition: str | Mapping[str, Any]
    bind: Mapping[str, str | Resource] = field(default_factory=lambda: {})
    link: Sequence[Resource | Grant] = ()
    express: bool = False
    parsed: Definition | None = None
    fault: str = ""
    functions: Sequence[Function] = ()

    @property
    def start(self) -> Grant:
        """Start executions, and wait for them."""
        return self.grant("start")

    @property
    def read(self) -> Grant:
        """Look at executions."""
        return self.grant("read")

    @property
    def stop(self) -> Grant:
        """End executions."""
        return self.grant("stop")

    @property
    def complete(self) -> Grant:
        """Complete tasks that wait for their token, let them fail, or send a heartbeat."""
        return self.grant("complete")
