"""The declaration in a file, called for a target; what breaks in it is told like any other problem."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.target import Target
from isthmus.declarations.unknown import Unknown
from isthmus.plan import PlanError
from isthmus.raised import Undaunted, place, problem_of

DEFAULT = "infra/app.py:app"
"""Where an app declares itself unless it says otherwise: a file, and the function in it that takes the target."""


def find_root(path: str, start: Path) -> Path | None:
    """Return the project's folder: `start` or the nearest of its parents in which the file of `path` is."""
    file = Path(_file(path))
    return next((folder for folder in (start, *start.parents) if (folder / file).is_file()), None)


def load_app(path: str, target: Target) -> App:
    """Return what the function at `path` ("infra/app.py:app" or "infra.app:app") declares for `target`.

    Where it raises halfway, the app as far as it got, with what was raised among its `problems`; `PlanError` where
    there is no app at all. Paths are seen from the working directory, which handlers are imported from too.
    """
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    declare = _function(path)
    undaunted = Undaunted()
    try:
        app = undaunted.call(declare, target)
    except (Exception, SystemExit) as error:
        return _as_far_as_it_got(error, declare, undaunted.problems)
    if isinstance(app, Unknown):
        raise PlanError(undaunted.problems)
    if not isinstance(app, App):
        returned = f"{path} returned {type(app).__name__}, not the App that it made: add `return app`"
        raise PlanError([*undaunted.problems, Problem(_place_of(declare), returned)])
    app.problems.extend(undaunted.problems)
    return app


def _file(path: str) -> str:
    module = path.partition(":")[0]
    return module if module.endswith(".py") else f"{module.replace('.', '/')}.py"


def _function(path: str) -> Callable[[Target], object]:
    name = path.partition(":")[2] or "app"
    module = _module(path)
    try:
        function: Callable[[Target], object] = getattr(module, name)
    except AttributeError:
        own = [known for known, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        what = f"there is no function {name!r}: {did_you_mean(name, own)}"
        raise PlanError([Problem(f"{_file(path)}:1", what)]) from None
    if not callable(function):
        raise PlanError([Problem(f"{_file(path)}:1", f"{name!r} is no function that takes a target")])
    return function


def _module(path: str) -> ModuleType:
    file = _file(path)
    if not Path(file).is_file():
        raise PlanError([Problem("", f"there is no {file} in {Path.cwd()}: start in the project, or say --app FILE")])
    try:
        return importlib.import_module(file.removesuffix(".py").replace("/", "."))
    except (Exception, SystemExit) as error:
        raise PlanError([problem_of(error, file)]) from error


def _as_far_as_it_got(error: BaseException, declare: Callable[..., object], told: list[Problem]) -> App:
    problems = [*told, problem_of(error, _place_of(declare))]
    apps = [value for frame, _ in traceback.walk_tb(error.__traceback__) for value in frame.f_locals.values()]
    app = next((value for value in apps if isinstance(value, App)), None)
    if app is None:
        raise PlanError(problems) from error
    app.problems.extend(problems)
    return app


def _place_of(function: Callable[..., object]) -> str:
    code: Any = getattr(function, "__code__", None)
    return place(code.co_filename, code.co_firstlineno) if code else ""
