"""What paths begin at: variables of the subworkflow that hold the data and the assigned values."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus_gcp.workflow.expressions import field

VARIABLES = "variables"
"""The variable with the assigned values, a map."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`data` is the code of what `$` is; what `$$` is depends on where the steps are written (`Steps.context`)."""

    data: str

    def base(self, name: str, context: str) -> str:
        """Return the code of what a path begins at."""
        return {"$": self.data, "$$": context}.get(name) or field(VARIABLES, name)
