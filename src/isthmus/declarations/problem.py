"""Something wrong with a declaration, with the place where it stands and what to do."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend: `where` is file:line of the declaration (or ""), `what` names the fault and the remedy."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


_PACKAGE = str(Path(__file__).parent)


def caller() -> str:
    """Return file:line of the nearest caller outside of this package: the line of the app that declares something."""
    frame = inspect.currentframe()
    while frame and frame.f_back and frame.f_code.co_filename.startswith((_PACKAGE, "<")):
        frame = frame.f_back
    if frame is None:  # an interpreter without frames
        return ""
    path = Path(frame.f_code.co_filename)
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{frame.f_lineno}"
