"""What the commands have in common: the project they stand in, and the target they are for."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from isthmus.app_loading import DEFAULT, find_root, load_app
from isthmus.checks.names import word_fault
from isthmus.cli.extras import lacking
from isthmus.declarations.app import App
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.resource import Resource
from isthmus.declarations.target import Target
from isthmus.errors import MissingExtraError
from isthmus.plan import PlanError, in_order
from isthmus.ports import Provider
from isthmus.providers import find

F = TypeVar("F", bound=Callable[..., Any])


class TargetType(click.ParamType[Target]):
    """A target on the command line: `local-dev` is the provider local and the stage dev."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Target:
        """Return the target that `value` names."""
        if isinstance(value, Target):
            return value
        provider, _, stage = str(value).partition("-")
        if not provider or not stage:
            self.fail(f"{value!r} reads like PROVIDER-STAGE, such as local-dev", param, ctx)
        return Target(provider=provider, stage=stage)


class Project:
    """The project of a command: its declaration's path, for a target. Making one enters the project's folder."""

    def __init__(self, path: str, target: Target) -> None:
        fault = word_fault("stage", target.stage)
        if fault:  # it names a folder: nothing may be made before it is known to be a name
            raise click.UsageError(fault)
        root = find_root(path, Path.cwd())
        if root is None:
            file = path.partition(":")[0]
            raise click.UsageError(
                f"there is no {file} in {Path.cwd()} or above it: start in the project, or say --app"
            )
        os.chdir(root)  # handlers, definitions and the local state are all seen from here
        self.root = root
        self.path = path
        self.target = target

    @property
    def provider(self) -> Provider:
        """The target's provider."""
        return find(self.target.provider)

    def app(self) -> App:
        """Return what is declared for the target; its problems are for a plan to tell."""
        return load_app(self.path, self.target)


def check_declared(app: App, kind: type[Resource], name: str) -> None:
    """Refuse a name that `app` gives to nothing of that kind; what is wrong with the declaration itself comes first."""
    known = [resource.name for resource in app.resources if isinstance(resource, kind)]
    if name not in known and app.problems:
        raise PlanError(in_order(app.problems))
    if name not in known:
        what = getattr(kind, "kind", "") or "resource"
        raise click.ClickException(f"the app declares no {what} {name!r}: {did_you_mean(name, known)}")


def with_app(command: F) -> F:
    """Give a command the option `--app`."""
    return click.option(
        "--app",
        "path",
        default=DEFAULT,
        show_default=True,
        metavar="FILE[:FUNCTION]",
        help="Where the app is declared.",
    )(command)


def with_project(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options `--app` and `--target`, and pass it the `Project` that they name."""

    @wraps(command)
    def run(path: str, target: Target, **options: Any) -> None:
        try:
            command(Project(path, target), **options)
        except ModuleNotFoundError as error:
            library = lacking(target.provider)
            if library is None:
                raise
            raise MissingExtraError(library, target.provider) from error

    return with_app(with_target(run))


def with_target(command: F) -> F:
    """Give a command the option `--target`."""
    return click.option(
        "--target",
        type=TargetType(),
        default="local-dev",
        show_default=True,
        metavar="PROVIDER-STAGE",
        help="The provider and the stage.",
    )(command)
