"""What goes wrong: what a deployment refuses, and what a running workflow raises.

- A deployment checks the source and returns an error. https://cloud.google.com/workflows/docs/troubleshooting
- What fails at run time is a map with `message` and `tags`, or whatever a step has raised.
  https://cloud.google.com/workflows/docs/reference/syntax/error-types
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class DeploymentError(ValueError):
    """A source that Google would refuse to deploy; `problems` has every reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Raised(Exception):  # noqa: N818 (a value in flight, not an error of this program)
    """A value that is raised in a workflow, a map or a string; `trace` grows on its way out."""

    def __init__(self, value: Any, *, headline: str) -> None:
        super().__init__(headline)
        self.value = value
        self.headline = headline
        self.trace: list[str] = []
        self._steps: set[str] = set()

    def passed(self, step: str, routine: str, line: int) -> None:
        """Note a step of a routine that it has left; the innermost step of each routine is told."""
        if routine not in self._steps:
            self._steps.add(routine)
            self.trace.append(f'in step "{step}", routine "{routine}", line: {line}')

    @property
    def context(self) -> str:
        """Where it comes from, as an execution's error tells it."""
        return "\n".join([self.headline, *self.trace])


class CancelledError(Exception):
    """The execution has been cancelled; no workflow catches it."""


def failure(tag: str, message: str, *more: str, **fields: Any) -> Raised:
    """Return the error of a tag, and of more of them."""
    return Raised({"message": message, "tags": [tag, *more], **fields}, headline=message)


def undocumented(what: str) -> Raised:
    """Return the error for what Google's documentation does not tell; a workflow must not rely on it."""
    return failure("SystemError", f"not documented: {what}")
