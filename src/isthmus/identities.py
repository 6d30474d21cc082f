"""Who a function is: its triggers and its links, derived from what the app declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.checks.draft import Draft
from isthmus.declarations.api import Api
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.settings import Linkable, Parameter
from isthmus.declarations.table import Table
from isthmus.declarations.workflow import Workflow
from isthmus.links import Identity, Link
from isthmus.sources import ATTEMPTS, Source
from isthmus.wiring import Delivery, grants


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
        body_limit=_body_limit(draft, declared),
        account=draft.target.account,
        region=draft.target.region,
        serial=(function.handler,) if function.serial else (),
    )


def _link(draft: Draft, grant: Grant) -> Link:
    resource = draft.sound(grant.resource)
    properties = {**link_properties(resource), **_inbox(draft, grant.resource)}
    return Link(resource.kind, resource.name, _physical(draft, resource), grant.verbs, properties)


def _inbox(draft: Draft, resource: Resource) -> Mapping[str, str]:
    """Return what starts a linked function, by the provider's name for it, where that has one."""
    if not isinstance(resource, Function):
        return {}
    names = draft.provider.delivery_names(draft.app, draft.target, draft.sound(resource), resource)
    return {"inbox": names[0]} if names else {}


def _sources(draft: Draft, declared: Function) -> Mapping[str, Source]:
    """Return what delivers events to a function, by the name that the provider's events tell."""
    provider, app, target = draft.provider, draft.app, draft.target
    return {
        name: _source(draft, delivery)
        for delivery in draft.sources(declared)
        for name in provider.delivery_names(app, target, draft.sound(delivery.source), declared)
    }


def _source(draft: Draft, delivery: Delivery) -> Source:
    resource = draft.sound(delivery.source)
    subscription = draft.sound(delivery.subscription) if delivery.subscription else None
    attempts = subscription.max_attempts if subscription else ATTEMPTS
    dead_letters = getattr(resource, "dead_letters", None)
    dead = _physical(draft, dead_letters) if isinstance(dead_letters, Queue) else ""
    if isinstance(resource, Queue):
        delays = (resource.retry_delay, resource.max_retry_delay)
        return Source("queue", resource.name, dead, resource.max_attempts, *delays, ordered=resource.fifo)
    skip = subscription.skip if subscription else ()
    suffix = subscription.suffix if subscription else ""
    return Source(delivery.kind, resource.name, dead, attempts, skip=tuple(skip), suffix=suffix)


def _body_limit(draft: Draft, declared: Function) -> int:
    """Return the least of the limits of the apis that a function answers for; 0 where it answers for none."""
    apis = [api for api in draft.of(Api) if any(route.function is declared for route in api.routes)]
    return min((api.body_limit for api in apis), default=0)


def _physical(draft: Draft, resource: Resource) -> str:
    return draft.provider.physical_name(draft.app, draft.target, resource.kind, resource.name)


def link_properties(resource: Resource) -> Mapping[str, Any]:
    """Return what a client must know of the linked resource besides its name: a table's keys, say."""
    match resource:
        case Table():
            return _table_properties(resource)
        case Queue():
            given: dict[str, Any] = {"fifo": resource.fifo, "delay": resource.delay}
            return {name: value for name, value in given.items() if value}
        case Parameter():
            return {"value": resource.value}
        case Linkable():
            return resource.properties
        case Workflow():
            return {"express": True} if resource.express else {}
        case _:
            return {}


def _table_properties(table: Table) -> dict[str, Any]:
    properties: dict[str, Any] = {"fields": dict(table.fields), "key": _index(table.primary_index)}
    if table.global_indexes:
        properties["indexes"] = {name: _index(index) for name, index in table.global_indexes.items()}
    if table.ttl:
        properties["ttl"] = table.ttl
    if any(isinstance(s.source, Table) and s.source.name == table.name for s in table.app.subscriptions):
        properties["changes"] = True
    return properties


def _index(index: str | Sequence[str]) -> list[str]:
    return [index] if isinstance(index, str) else list(index)
