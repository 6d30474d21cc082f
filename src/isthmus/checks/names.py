"""Names: what may be one, and that no two are alike."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from isthmus.capabilities import NameRule
from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.resource import Resource
from isthmus.shapes import is_text, shown

RESERVED = "App"
"""`Resource.App` tells the app's name and stage."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_APP = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MOST = 64


def check(draft: Draft) -> Iterator[Problem]:
    """Yield names that cannot be, that clash, or that the provider would refuse."""
    yield from _app(draft)
    for resource in draft.resources:
        fault = _fault(resource.name)
        if fault:
            yield Problem(resource.where, f"{label(resource)}: {fault}")
    yield from _duplicates(draft)
    yield from _physical(draft)


def _app(draft: Draft) -> Iterator[Problem]:
    parts = (("app's name", draft.app.name, draft.app.where), ("stage", draft.target.stage, ""))
    for what, name, where in parts:
        fault = word_fault(what, name)
        if fault:
            yield Problem(where, fault)


def word_fault(what: str, name: object) -> str:
    """Return what is wrong with `name` as the app's name or a stage (`what` says which); "" where nothing is."""
    if is_text(name) and _APP.fullmatch(name) and len(name) <= _MOST:
        return ""
    return f"the {what} {shown(name)} must be letters, digits and hyphens, a letter first, {_MOST} at most"


def _fault(name: object) -> str:
    if not is_text(name):
        return f"a name is text, not {shown(name)}"
    if not _NAME.fullmatch(name) or len(name) > _MOST:
        return f"a name is letters, digits and underscores, a letter first, {_MOST} at most: it becomes Resource.Name"
    if name.casefold() == RESERVED.casefold():
        return f"the name {RESERVED!r} is taken: Resource.{RESERVED} is the app itself"
    return f"the name {name!r} is a word of Python: it becomes Resource.Name" if keyword.iskeyword(name) else ""


def _duplicates(draft: Draft) -> Iterator[Problem]:
    first: dict[str, Resource] = {}
    for resource in draft.resources:
        if is_text(resource.name):
            earlier = first.setdefault(resource.name.casefold(), resource)
            if earlier is not resource:
                yield Problem(resource.where, _clash(resource, earlier))


def _clash(resource: Resource, earlier: Resource) -> str:
    if isinstance(resource, Function) and isinstance(earlier, Function) and resource.handler == earlier.handler:
        return (
            f"the handler {resource.handler!r} is declared twice, here and at {earlier.where}, as {label(resource)}: "
            f"make one function of it, app.function({resource.name!r}, {resource.handler!r}), and give that to both; "
            f"or set a name here, name='…'"
        )
    return (
        f"{label(resource)} has the name of {label(earlier)} at {earlier.where}: "
        f"names must differ by more than upper and lower case, over all kinds"
    )


def _physical(draft: Draft) -> Iterator[Problem]:
    taken: dict[tuple[str, str], Resource] = {}
    for resource in draft.used:
        rule = draft.limits.names.get(resource.kind)
        if rule is None or _fault(resource.name) or not is_text(draft.app.name):
            continue
        name = draft.provider.physical_name(draft.app, draft.target, resource.kind, resource.name)
        fault = _broken(rule, name)
        if fault:
            what = f"{label(resource)} would be named {name!r} on {draft.target.provider}"
            yield Problem(resource.where, f"{what}: {fault}")
        earlier = taken.setdefault((resource.kind, name.casefold()), resource)
        if earlier is not resource and earlier.name.casefold() != resource.name.casefold():
            yield Problem(resource.where, f"{label(resource)} and {label(earlier)} would both be named {name!r}")


def _broken(rule: NameRule, name: str) -> str:
    if len(name) > rule.max_length:
        return f"that is {len(name) - rule.max_length} characters too long; shorten the names of app, stage or resource"
    return "" if re.fullmatch(rule.pattern, name) else f"it must be {rule.says or rule.pattern}"
