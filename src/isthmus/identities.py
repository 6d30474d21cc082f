"""Who a function is: its triggers and its links, derived from what the app declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.checks.draft import Draft
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.settings import Linkable, Parameter
from isthmus.declarations.table import Table
from isthmus.links import Identity, Link
from isthmus.wiring import grants


def identify(draft: Draft, declared: Function) -> Identity:
    """Return the identity of a declared function on the draft's target."""
    function = draft.sound(declared)
    links = [_link(draft, grant) for grant in grants(function.link)]
    return Identity(
        app=draft.app.name,
        stage=draft.target.stage,
        provider=draft.target.provider,
        function=function.name,
        handler=function.handler,
        timeout=function.timeout,
        triggers=tuple(sorted(draft.triggers(declared))),
        sources=_sources(draft, declared),
        links={link.name: link for link in links},
    )


def _link(draft: Draft, grant: Grant) -> Link:
    resource = draft.sound(grant.resource)
    return Link(resource.kind, resource.name, _physical(draft, resource), grant.verbs, link_properties(resource))


def _sources(draft: Draft, declared: Function) -> Mapping[str, str]:
    """Return what triggers a function, by the provider's names: an event is told with the declared one."""
    sources = [draft.sound(source) for source in draft.sources(declared)]
    named = {_physical(draft, source): source.name for source in sources}
    return {physical: name for physical, name in named.items() if physical != name}


def _physical(draft: Draft, resource: Resource) -> str:
    return draft.provider.physical_name(draft.app, draft.target, resource.kind, resource.name)


def link_properties(resource: Resource) -> Mapping[str, Any]:
    """Return what a client must know of the linked resource besides its name: a table's keys, say."""
    match resource:
        case Table():
            return _table_properties(resource)
        case Queue(fifo=True):
            return {"fifo": True}
        case Parameter():
            return {"value": resource.value}
        case Linkable():
            return resource.properties
        case _:
            return {}


def _table_properties(table: Table) -> dict[str, Any]:
    properties: dict[str, Any] = {"fields": dict(table.fields), "key": _index(table.primary_index)}
    if table.global_indexes:
        properties["indexes"] = {name: _index(index) for name, index in table.global_indexes.items()}
    if table.ttl:
        properties["ttl"] = table.ttl
    return properties


def _index(index: str | Sequence[str]) -> list[str]:
    return [index] if isinstance(index, str) else list(index)
