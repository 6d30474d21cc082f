"""`isthmus types`."""

from __future__ import annotations

from pathlib import Path

import click

from isthmus.cli.project import Project, with_project
from isthmus.types_module import source


@click.command()
@with_project
@click.option("--output", default="functions/resources.py", show_default=True, help="The module to write.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where the module is stale.")
def types(project: Project, *, output: str, check: bool) -> None:
    """Write the module that tells type checkers what each `Resource.X` is.

    Handlers import `Resource` from it; at run time that is Isthmus's own, and nothing more is imported.

    \b
    Examples:
      isthmus types
      isthmus types --check        in CI
    """
    text, file = source(project.app()), Path(output)
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        click.echo(f"{output} is up to date.")
    elif check:
        raise click.ClickException(f"{output} is stale: isthmus types")
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        click.echo(f"{output} is written.")
