"""A workflow: a States Language definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from isthmus.declarations.resource import Grant, Resource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workflow(Resource):
    """The definition in the file `definition` (`.asl.json`), and what its tasks may use."""

    kind: ClassVar[str] = "workflow"
    verbs: ClassVar[tuple[str, ...]] = ("start",)

    definition: str
    link: Sequence[Resource | Grant] = ()

    @property
    def start(self) -> Grant:
        """Start executions and look at them."""
        return self.grant("start")
