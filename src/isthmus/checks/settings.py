"""Settings: what reaches a function as its configuration must be JSON."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.capabilities import KINDS
from isthmus.checks.draft import Draft, label
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.settings import Linkable
from isthmus.shapes import is_mapping, not_json, shown


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the properties that are no JSON, and the app-wide transforms of kinds that do not exist."""
    for linkable in draft.of(Linkable):
        for name, value in linkable.properties.items():
            fault = not_json(value)
            if fault:
                yield Problem(linkable.where, f"{label(linkable)}: property {name!r} is no JSON: {fault}")
    yield from _transforms(draft)


def _transforms(draft: Draft) -> Iterator[Problem]:
    transforms: object = draft.app.transform
    known = [kind.kind for kind in KINDS]
    if not is_mapping(transforms):
        yield Problem(draft.app.where, f"the app's transform maps a kind to a transform, not {shown(transforms)}")
        return
    for kind, transform in transforms.items():
        if kind not in known:
            what = f"transform: there is no kind {shown(kind)}"
            yield Problem(draft.app.where, f"{what}: {did_you_mean(str(kind), known)}")
        elif not is_mapping(transform) and not callable(transform):
            yield Problem(draft.app.where, f"transform of {kind!r} is a mapping or a callable, not {shown(transform)}")
