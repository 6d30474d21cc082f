"""Tags: what all services that take them agree on.

https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from isthmus.checks.draft import Draft, label
from isthmus.components.tags import APP, STAGE
from isthmus.declarations.problem import Problem
from isthmus.shapes import is_mapping, is_text, shown

_MOST = 50
_MOST_OF_A_KEY = 128
_MOST_OF_A_VALUE = 256
_LETTERS = re.compile(r"[\w .:/=+\-@]*")


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the tags that AWS would refuse."""
    yield from _problems(draft.app.where, "the app", _told(draft.app.tags))
    for resource in draft.used:
        yield from _problems(resource.where, label(resource), _told(resource.tags))
        together = {APP, STAGE, *_told(draft.app.tags), *_told(resource.tags)}
        yield from (Problem(resource.where, f"{label(resource)}: {fault}") for fault in _alike(together))
        if len(together) > _MOST:
            many = f"{label(resource)} has {len(together)} tags, with those of the app and {APP} and {STAGE}"
            yield Problem(resource.where, f"{many}: AWS takes {_MOST}; leave some out")


def _told(tags: object) -> Mapping[str, str]:
    """Return those of some tags that are text, as all should be."""
    return {name: tag for name, tag in tags.items() if is_text(name) and is_text(tag)} if is_mapping(tags) else {}


def _alike(names: Iterable[str]) -> Iterator[str]:
    """Yield the names that IAM, which a function's role is of, takes for the same one, and so refuses.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
    """
    by_case: dict[str, list[str]] = {}
    for name in sorted(names):
        by_case.setdefault(name.casefold(), []).append(name)
    for same in by_case.values():
        if len(same) > 1:
            alike = " and ".join(map(repr, same))
            yield f"tags {alike} differ in upper and lower case alone, which AWS refuses: keep one"


def _problems(where: str, whose: str, tags: Mapping[str, str]) -> Iterator[Problem]:
    for name, value in tags.items():
        fault = _fault(name, value)
        if fault:
            yield Problem(where, f"{whose}: tag {shown(name)}: {fault}")


def _fault(name: str, value: str) -> str:
    if name.lower().startswith("aws:"):
        return "names that begin with aws: are AWS's own; choose another"
    if not 1 <= len(name) <= _MOST_OF_A_KEY or len(value) > _MOST_OF_A_VALUE:
        return f"AWS takes a name of 1 to {_MOST_OF_A_KEY} characters, and a value of {_MOST_OF_A_VALUE} at most"
    if not _LETTERS.fullmatch(name) or not _LETTERS.fullmatch(value):
        return f"AWS takes letters, digits, spaces and _.:/=+-@ in tags, not {shown(value)}: reword it"
    return ""
