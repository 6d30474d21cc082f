"""Where an app lies: project and region are part of every fixed name, and a plan that is made without them says so."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem

_WORDS = {"account": "project", "region": "region"}


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what the plan has assumed, where nobody has said it."""
    unknown = [word for name, word in _WORDS.items() if not getattr(draft.target, name)]
    if unknown:
        what = f"planned without {' and '.join(unknown)}, which the stack configures: the hash that names end in"
        yield Problem("", f"{what} will be another one")
