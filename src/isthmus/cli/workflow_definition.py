"""The commands that look at definitions: `isthmus workflow lint` and `graph`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from isthmus.cli.definitions import Definitions, with_definitions
from isthmus.cli.printable import printable
from isthmus.workflows.graph.mermaid import mermaid
from isthmus.workflows.graph.svg import svg


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|NAME…")
@with_definitions
def lint(definitions: Definitions, *, names: tuple[str, ...]) -> None:
    """Tell everything that is wrong with definitions: files of JSON, or workflows that the app declares.

    Each line says where in the document something is wrong, as a JSON Pointer. Exits with 1 where anything is.

    \b
    Examples:
      isthmus workflow lint functions/workflows/process_order.asl.json
      isthmus workflow lint ProcessOrder Refund
    """
    found = [f"{name}: {fault}" for name in names for fault in definitions.faults(name)]
    for line in found:
        click.echo(printable(line))
    looked_at = f"{len(names)} definitions" if len(names) > 1 else "1 definition"
    if found:
        raise click.ClickException(f"{len(found)} problem{'s' if len(found) > 1 else ''} in {looked_at}")
    click.echo(f"{looked_at}. No problems.")


@click.command()
@click.argument("name", metavar="FILE|NAME")
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@with_definitions
def graph(definitions: Definitions, *, name: str, form: Literal["svg", "mermaid"], output: Path | None) -> None:
    """Draw a definition: a file of JSON, or a workflow that the app declares.

    It is written to standard output where no file is named. Problems of the definition do not stop the drawing.

    \b
    Examples:
      isthmus workflow graph ProcessOrder -o process_order.svg
      isthmus workflow graph process_order.asl.json --format mermaid
    """
    definition = definitions.definition(name)
    title = name if definitions.is_declared(name) else Path(name).name.partition(".")[0]
    drawn = mermaid(definition, title) if form == "mermaid" else svg(definition, title)
    if output is None:
        click.echo(drawn, nl=False)
        return
    file = definitions.start / output
    file.write_text(drawn, encoding="utf-8")
    click.echo(f"{output} is written.")
