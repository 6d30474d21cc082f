"""Links: each is a resource of this app, or verbs that its kind has."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.unknown import Unknown
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_list, is_text, shown


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the links that mean nothing."""
    for resource in draft.resources:
        if isinstance(resource, Function | Workflow):
            for fault in _faults(draft, resource.link):
                yield Problem(resource.where, f"{label(resource)}: {fault}")


def _faults(draft: Draft, link: object) -> Iterator[str]:
    if isinstance(link, Unknown):
        return
    if not is_list(link):
        yield f"link takes a list, link=[…], not {_named(link)}"
        return
    for entry in link:
        fault = _fault(draft, entry)
        if fault:
            yield fault


def _fault(draft: Draft, entry: object) -> str:
    if isinstance(entry, Unknown):
        return ""
    if isinstance(entry, Resource):
        entry = entry.grant()
    if not isinstance(entry, Grant):
        return f"a link is a resource or verbs of it (orders, orders.read), not {shown(entry)}{_hint(draft, entry)}"
    if not any(entry.resource is resource for resource in draft.resources):
        return f"{label(entry.resource)}, declared at {entry.resource.where}, belongs to another app"
    return _fault_of_verbs(entry)


def _fault_of_verbs(grant: Grant) -> str:
    known = type(grant.resource).verbs
    if not known:
        return f"{label(grant.resource)} cannot be linked: a {grant.resource.kind} has nothing that a handler could use"
    unknown = [verb for verb in grant.verbs if verb not in known]
    if unknown:
        return f"{label(grant.resource)} has no verb {shown(unknown[0])}: {did_you_mean(str(unknown[0]), known)}"
    return ""


def _named(entry: object) -> str:
    return f"{label(entry)} alone" if isinstance(entry, Resource) else shown(entry)


def _hint(draft: Draft, entry: object) -> str:
    names = [resource.name for resource in draft.resources if is_text(resource.name)]
    if not isinstance(entry, str) or not names:
        return ""
    return f"; link what app.table(…) and the like return, not a name ({did_you_mean(entry, names)})"
