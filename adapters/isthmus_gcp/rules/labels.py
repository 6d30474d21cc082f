"""Labels: what becomes of an app's tags, which Google takes in lower case and with few characters.

https://cloud.google.com/resource-manager/docs/labels-overview#requirements
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from isthmus.checks.draft import Draft, label
from isthmus.components.tags import APP, STAGE
from isthmus.declarations.problem import Problem
from isthmus.shapes import is_mapping, is_text, shown
from isthmus_gcp.rules.label_text import labels

_MOST = 64


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the tags that cannot be labels."""
    yield from (Problem(draft.app.where, f"the app: {fault}") for fault in _faults(_told(draft.app.tags)))
    for resource in draft.used:
        own = _told(resource.tags)
        yield from (Problem(resource.where, f"{label(resource)}: {fault}") for fault in _faults(own))
        together = {APP: "", STAGE: "", **_told(draft.app.tags), **own}
        yield from (Problem(resource.where, f"{label(resource)}: {fault}") for fault in _alike(together))
        if len(together) > _MOST:
            many = f"{label(resource)} has {len(together)} tags, with those of the app and {APP} and {STAGE}"
            yield Problem(resource.where, f"{many}: Google takes {_MOST} labels; leave some out")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the tags that are written otherwise as labels."""
    changed: dict[tuple[str, str], str] = {}
    for where, tags in [(draft.app.where, draft.app.tags), *((r.where, r.tags) for r in draft.used)]:
        for name, value in _told(tags).items():
            if labels({name: value}) != {name: value}:
                changed.setdefault((name, value), where)
    for (name, value), where in changed.items():
        ((key, text),) = labels({name: value}).items()
        written = f"tag {shown(name)}={shown(value)} is the label {key}={text} on Google"
        yield Problem(where, f"{written}: lower case letters, digits, - and _, 63 at most")


def _told(tags: object) -> Mapping[str, str]:
    """Return those of some tags that are text, as all should be."""
    return {name: tag for name, tag in tags.items() if is_text(name) and is_text(tag)} if is_mapping(tags) else {}


def _faults(tags: Mapping[str, str]) -> Iterator[str]:
    for name, value in tags.items():
        ((key, _),) = labels({name: value}).items()
        if not key[:1].isalpha():
            yield f"tag {shown(name)}: a label's name begins with a letter: name it otherwise"


def _alike(tags: Mapping[str, str]) -> Iterator[str]:
    by_label: dict[str, list[str]] = {}
    for name in sorted(tags):
        by_label.setdefault(next(iter(labels({name: ""}))), []).append(name)
    for key, same in by_label.items():
        if len(same) > 1:
            yield f"tags {' and '.join(map(repr, same))} are both the label {key} on Google: keep one"
