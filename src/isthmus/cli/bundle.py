"""`isthmus bundle`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from isthmus.bundling.bundle import Bundle
from isthmus.cli.project import Project, with_project
from isthmus.plan import plan as make_plan
from isthmus.tool_ports import BundlesFunctions

_BASE = "(what all have)"
_SHOWN = 5
"""The most packages of a bundle that a line of the table names."""


@click.command()
@with_project
@click.option("--json", "as_json", is_flag=True, help="Print all that is known of each bundle as JSON.")
def bundle(project: Project, *, as_json: bool) -> None:
    """Build the bundle of each function for a cloud, prove that its handler imports from it, and show what is in it.

    A deployment does the same before it creates anything; what has not changed since is not built again. A bundle has
    what the handler imports, as far as the target's runtime has not got it: modules of the project, Isthmus, and the
    distributions that they come with, as the project's lock pins them. In pyproject.toml, [tool.isthmus.bundle] takes
    what no import statement shows: modules = ["functions.plugins"], distributions = ["tzdata"].

    Sizes are those of the zip, of its files unpacked, and of each package in it, deflated, the largest first. Exits
    with 1 and every problem at once where a handler does not import from its bundle.

    \b
    Examples:
      isthmus bundle --target PROVIDER-STAGE
      isthmus bundle --target PROVIDER-STAGE --json
    """
    provider = project.provider
    if not isinstance(provider, BundlesFunctions):
        what = f"provider {provider.name!r} makes no bundles"
        raise click.ClickException(f"{what}: name a target of one that does, as in --target PROVIDER-STAGE")
    planned = make_plan(project.app(), project.target, provider)
    planned.check()
    bundles = provider.bundles(planned, progress=_tell)
    click.echo(json.dumps(_document(bundles), indent=2, ensure_ascii=False) if as_json else _table(bundles))


def _tell(what: str) -> None:
    click.echo(f"{what} …", err=True)


def _document(bundles: Mapping[str, Bundle]) -> dict[str, Any]:
    return {
        "bundles": [
            {
                "function": name or None,
                "path": str(one.path),
                "digest": one.digest,
                "size": one.size,
                "unpacked": one.unpacked,
                "parts": dict(one.parts),
            }
            for name, one in _largest_first(bundles)
        ]
    }


def _table(bundles: Mapping[str, Bundle]) -> str:
    rows = [("function", "zip", "unpacked", "made of")]
    rows += [
        (name or _BASE, _size(one.size), _size(one.unpacked), _parts(one)) for name, one in _largest_first(bundles)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [_line(row, widths) for row in rows]
    different = len({one.path for one in bundles.values()})
    folders = sorted({str(one.path.parent) for one in bundles.values()})
    said = f"{len(bundles)} bundles, {different} different, in {', '.join(folders)}"
    return "\n".join([*lines, "", said])


def _largest_first(bundles: Mapping[str, Bundle]) -> list[tuple[str, Bundle]]:
    return sorted(bundles.items(), key=lambda item: (-item[1].size, item[0]))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, size, unpacked, parts = row
    return f"{name:<{widths[0]}}  {size:>{widths[1]}}  {unpacked:>{widths[2]}}  {parts}"


def _parts(one: Bundle) -> str:
    shown = [f"{name} {_size(size)}" for name, size in list(one.parts.items())[:_SHOWN]]
    rest = list(one.parts.values())[_SHOWN:]
    return ", ".join([*shown, *([f"{len(rest)} more {_size(sum(rest))}"] if rest else [])])


def _size(count: int) -> str:
    return f"{count / 1000:,.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"
