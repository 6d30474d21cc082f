"""What a declaration raised, as a problem with its place; and how to go on where only a name was unknown."""

from __future__ import annotations

import builtins
import traceback
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any

from isthmus.declarations.problem import Problem
from isthmus.declarations.target import Target
from isthmus.declarations.unknown import UNKNOWN, Unknown

_OURS = str(Path(__file__).parent)
_MOST_NAMES = 50


class Undaunted:
    """Calls a declaration again with each unknown name standing for nothing: its other mistakes are found at once.

    A declaration is a pure function of its target, so that calling it again does no harm. `problems` tells the names.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._invented: list[tuple[dict[str, Any], str]] = []

    def call(self, declare: Callable[[Target], object], target: Target) -> object:
        """Return what `declare` returns; raises what it raises besides unknown names."""
        try:
            while True:
                try:
                    return declare(target)
                except NameError as error:
                    if not self._invent(error):
                        raise
        finally:
            for names, name in self._invented:
                names.pop(name, None)

    def _invent(self, error: NameError) -> bool:
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        names = frames[-1].f_globals
        if isinstance(error, UnboundLocalError) or not error.name or error.name in names:
            return False
        if len(self._invented) >= _MOST_NAMES:
            return False
        self.problems.append(problem_of(error, ""))
        self._invented.append((names, error.name))
        names[error.name] = UNKNOWN
        return True


def problem_of(error: BaseException, otherwise: str) -> Problem:
    """Return a problem of what a declaration raised: at its own last line in the project, or `otherwise`."""
    if isinstance(error, SyntaxError) and error.filename:
        return Problem(place(error.filename, error.lineno or 1), f"{type(error).__name__}: {error.msg}")
    lines = list(_lines(error.__traceback__))
    return Problem(lines[-1] if lines else otherwise, f"{type(error).__name__}: {error}{_suggestion(error)}")


def place(file: str, line: int) -> str:
    """Return file:line, seen from the working directory."""
    path, here = Path(file), Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}:{line}"


def _suggestion(error: BaseException) -> str:
    """Return what was meant by an unknown name, as the interpreter would add to a traceback."""
    if not isinstance(error, NameError | AttributeError) or not error.name:
        return ""
    known = _names(error.__traceback__) if isinstance(error, NameError) else dir(error.obj)
    close = get_close_matches(error.name, [name for name in known if not name.startswith("_")], n=1)
    return f": did you mean {close[0]!r}?" if close else ""


def _names(trace: TracebackType | None) -> list[str]:
    """Return the names that were known where an error was raised."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    known = {**vars(builtins), **frames[-1].f_globals, **frames[-1].f_locals} if frames else {}
    return [name for name, value in known.items() if not isinstance(value, Unknown)]


def _lines(trace: TracebackType | None) -> Iterator[str]:
    """Yield the lines of the traceback that are in the project: not ours, not of a library."""
    here = Path.cwd()
    for frame, line in traceback.walk_tb(trace):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(here) and not file.is_relative_to(_OURS) and "site-packages" not in file.parts:
            yield place(str(file), line)
