"""The definitions that a command names: by their file, or by the name of a workflow that the app declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from isthmus.cli.project import Project, check_declared, with_app, with_target
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.declarations.workflow import Workflow
from isthmus.workflows.definition import Definition, load, parse
from isthmus.workflows.lint.problems import problems
from isthmus.workflows.lint.repeats import read
from isthmus.workflows.lint.spot import Fault


class Definitions:
    """What a command finds by the names that it was given. The app is loaded only where one is not a file's."""

    def __init__(self, path: str, target: Target) -> None:
        self.start = Path.cwd()
        self._path = path
        self._target = target
        self._app: App | None = None

    @property
    def app(self) -> App:
        """The app that the project declares."""
        if self._app is None:
            self._app = Project(self._path, self._target).app()
        return self._app

    def is_declared(self, name: str) -> bool:
        """Return whether a name is to be that of a declared workflow: it is not that of a file, nor looks like one."""
        return not (self.start / name).is_file() and not name.endswith(".json") and "/" not in name

    def faults(self, name: str) -> list[Fault]:
        """Return everything that is wrong with the document of that name."""
        declared = None if not self.is_declared(name) else self._declared(name).definition
        if declared is not None and not isinstance(declared, str):
            return problems(declared)
        file = self.start / name if declared is None else Path(declared)
        document, repeats = _json(file, declared or name)
        return sorted([*repeats, *problems(document)])

    def definition(self, name: str) -> Definition:
        """Return the definition of that name; `InvalidValueError` says why there is none."""
        if not self.is_declared(name):
            return load(self.start / name)
        declared = self._declared(name).definition
        return load(declared) if isinstance(declared, str) else parse(declared)

    def _declared(self, name: str) -> Workflow:
        check_declared(self.app, Workflow, name)
        return next(one for one in self.app.resources if isinstance(one, Workflow) and one.name == name)


def with_definitions(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options `--app` and `--target`, and pass it the `Definitions` that they lead to."""

    @wraps(command)
    def run(path: str, target: Target, **options: Any) -> None:
        command(Definitions(path, target), **options)

    return with_app(with_target(run))


def _json(file: Path, name: str) -> tuple[object, list[Fault]]:
    try:
        return read(file.read_bytes())
    except FileNotFoundError:
        raise click.ClickException(f"there is no file {name}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(f"{name} is no JSON that can be read: {error}") from error
