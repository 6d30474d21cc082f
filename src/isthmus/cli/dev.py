"""`isthmus dev`."""

from __future__ import annotations

from typing import Literal

import click

from isthmus.cli.project import Project, with_app
from isthmus.declarations.target import Target
from isthmus.providers import find
from isthmus.tool_ports import DevOptions, RunsHere

LOOPBACK = "127.0.0.1"
"""The only address that is served: what runs on a laptop is for that laptop."""


@click.command()
@with_app
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any free port.")
@click.option("--stage", default="dev", show_default=True, help="The stage, whose state is in .isthmus/STAGE.")
@click.option(
    "--durability",
    type=click.Choice(["process", "power"]),
    default="process",
    show_default=True,
    help="What accepted work survives: the end of the process, or a power cut too (slower).",
)
def dev(path: str, *, port: int, stage: str, durability: Literal["process", "power"]) -> None:
    """Run the whole app on this machine, reloading when a handler or the declaration changes.

    It answers on the loopback address alone. Ctrl-C stops it; what was accepted is kept, and goes on at the next start.

    \b
    Examples:
      isthmus dev
      isthmus dev --port 9000 --stage experiment
    """
    provider = find("local")
    if not isinstance(provider, RunsHere):
        raise click.ClickException("the provider 'local' cannot run an app here: pip install 'isthmus[local]'")
    project = Project(path, Target(provider="local", stage=stage))
    options = DevOptions(
        root=project.root, app=project.path, stage=stage, host=LOOPBACK, port=port, durability=durability
    )
    raise SystemExit(provider.dev(options))
