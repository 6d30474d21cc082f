"""`isthmus providers`: what each installed provider does with every kind and option, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from isthmus.capabilities import Between, Capabilities, Ignored, OneOf, Support, Unsupported, features
from isthmus.declarations.options import did_you_mean
from isthmus.errors import UnknownProviderError
from isthmus.providers import find, installed
from isthmus.shapes import shown

_LIMITS: Mapping[str, str] = {
    "environment_bytes": "bytes of a function's variables",
    "identity_spills": "links and routes past that go into its bundle",
    "message_bytes": "bytes of a message",
    "api_timeout": "seconds of a request",
    "function_timeout": "seconds of a function",
    "visibility_factor": "visibility timeout, in timeouts of the function",
}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--kind", help="Only what is said of one kind, such as queue.")
def providers(names: Sequence[str], *, kind: str | None) -> None:
    """Show what each provider does with every kind and option, as Markdown; all that are installed, or NAMES.

    \b
    Examples:
      isthmus providers
      isthmus providers local --kind queue
    """
    known = installed()
    for name in names:
        if name not in known:
            raise UnknownProviderError(name, known)
    groups = _groups()
    if kind is not None and kind not in groups:
        raise click.BadParameter(did_you_mean(kind, groups), param_hint="--kind")
    chosen = {name: find(name).capabilities for name in names or known}
    click.echo(comparison(chosen, [kind] if kind else None), nl=False)


def comparison(providers: Mapping[str, Capabilities], kinds: Sequence[str] | None = None) -> str:
    """Return a table in Markdown for each of `kinds`, with a column for each provider; for all, and their limits."""
    parts = [_table(kind, rows, providers) for kind, rows in _groups().items() if kinds is None or kind in kinds]
    if kinds is None:
        parts.append(_table("limits", list(_LIMITS), providers))
    return "\n".join(parts)


def _groups() -> dict[str, list[str]]:
    """Return the features by what their names begin with: a kind, "event", "filter"."""
    groups: dict[str, list[str]] = {}
    for feature in features():
        groups.setdefault(feature.partition(".")[0], []).append(feature)
    return groups


def _table(kind: str, rows: Sequence[str], providers: Mapping[str, Capabilities]) -> str:
    lines = [f"### {kind}", f"| | {' | '.join(providers)} |", f"|---|{'---|' * len(providers)}"]
    for row in rows:
        cells = [_limit(row, known) if row in _LIMITS else said(known.support(row)) for known in providers.values()]
        lines.append(f"| {_LIMITS.get(row, f'`{row}`')} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def said(support: Support) -> str:
    """Return a row of a capability table in a few words of Markdown."""
    return "; ".join(part for part in _parts(support) if part).replace("|", "\\|")


def _parts(support: Support) -> Iterator[str]:
    match support:
        case Between(low, high, unit, reason):
            bounds = f"{low:,.12g} to {high:,.12g}" if high is not None else f"{low:,.12g} or more"
            yield f"{bounds} {unit}".strip()
            yield reason
        case OneOf(values, reason):
            yield f"{', '.join(map(shown, values))} only"
            yield reason
        case Ignored(reason):
            yield f"*changes nothing:* {reason}"
        case Unsupported(reason, alternative):
            yield f"**no:** {reason}"
            yield alternative
        case _:
            yield "yes"


def _limit(name: str, capabilities: Capabilities) -> str:
    value = getattr(capabilities.limits, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else f"{value:,.12g}"
