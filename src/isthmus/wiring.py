"""What reaches what in an app: its functions, what their links grant, the events they get, what is of use at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.names import Names, Target, targets


def functions(app: App) -> list[Function]:
    """Return the functions of `app` in the order of their declaration."""
    return [resource for resource in app.resources if isinstance(resource, Function)]


def grants(entries: object) -> list[Grant]:
    """Return what `link=[…]` grants, one grant a resource; an entry that is neither resource nor verb is left out."""
    merged: dict[int, Grant] = {}
    for entry in _entries(entries):
        earlier = merged.get(id(entry.resource))
        asked = {*entry.verbs, *(earlier.verbs if earlier else ())}
        verbs = tuple(verb for verb in type(entry.resource).verbs if verb in asked)
        merged[id(entry.resource)] = Grant(entry.resource, verbs)
    return list(merged.values())


def _entries(entries: object) -> Iterator[Grant]:
    for entry in entries if is_list(entries) else ():
        if isinstance(entry, Resource):
            yield entry.grant()
        elif isinstance(entry, Grant):
            yield entry


def trigger_kinds(app: App) -> dict[int, set[str]]:
    """Return the kinds of event that reach each function, by the function's id."""
    reached: dict[int, set[str]] = {id(function): set() for function in functions(app)}
    for delivery in deliveries(app):
        reached.setdefault(id(delivery.function), set()).add(delivery.kind)
    for kind, reach in (("http", _requested(app)), ("task", _called(app))):
        for function in reach:
            reached.setdefault(id(function), set()).add(kind)
    return reached


class Delivery(NamedTuple):
    """Events of `kind` that come from `source` to `function`; of a function started by another, it is the source."""

    function: Function
    kind: str
    source: Resource
    subscription: Subscription | None = None


def deliveries(app: App) -> list[Delivery]:
    """Return how each asynchronous event reaches each function: by subscription, by schedule, and by being started.

    A function can be started where another links to it, and where nothing reaches it but an invocation from outside.
    """
    return [*_subscribed(app), *_fired(app), *_started(app)]


def _subscribed(app: App) -> Iterator[Delivery]:
    for subscription in app.subscriptions:
        if isinstance(subscription.target, Function):
            yield Delivery(subscription.target, subscription.source.kind, subscription.source, subscription)


def _fired(app: App) -> Iterator[Delivery]:
    for resource in app.resources:
        if isinstance(resource, Schedule):
            yield Delivery(resource.function, "schedule", resource)


def _started(app: App) -> Iterator[Delivery]:
    called = _called(app)
    reached = {id(function) for function in (*called, *_requested(app))}
    reached |= {id(delivery.function) for delivery in (*_subscribed(app), *_fired(app))}
    linked = {id(grant.resource) for caller in functions(app) for grant in grants(caller.link)}
    for function in functions(app):
        if id(function) in linked or id(function) not in reached:
            yield Delivery(function, "task", function)


def _called(app: App) -> list[Function]:
    """Return the functions that others link to, and those that workflows call."""
    linked = [grant.resource for caller in functions(app) for grant in grants(caller.link)]
    called = [target.resource for workflow in workflows(app) for target in workflow_targets(workflow)]
    return [resource for resource in (*linked, *called) if isinstance(resource, Function)]


def workflows(app: App) -> list[Workflow]:
    """Return the workflows of `app` in the order of their declaration."""
    return [resource for resource in app.resources if isinstance(resource, Workflow)]


def workflow_targets(workflow: Workflow) -> list[Target]:
    """Return what each task of a workflow calls; nothing where its definition cannot be read."""
    if workflow.parsed is None:
        return []
    bind: Mapping[str, Any] = workflow.bind if is_mapping(workflow.bind) else {}
    return list(targets(workflow.parsed, Names(bind, workflow.app.resources)))


def _requested(app: App) -> list[Function]:
    """Return the functions that answer for an api."""
    return [route.function for api in app.resources if isinstance(api, Api) for route in api.routes]


def used_resources(app: App) -> list[Resource]:
    """Return the app's resources without the dead-letter queues that nothing can fill and nobody uses."""
    idle = _idle_dead_letters(app)
    return [resource for resource in app.resources if id(resource) not in idle]


def _idle_dead_letters(app: App) -> set[int]:
    fillable = {id(s.source) for s in app.subscriptions if isinstance(s.target, Function)}
    used = {id(s.source) for s in app.subscriptions} | {id(s.target) for s in app.subscriptions}
    linked: set[int] = {id(g.resource) for r in app.resources for g in grants(getattr(r, "link", ()))}
    linked |= {id(target.resource) for workflow in workflows(app) for target in workflow_targets(workflow)}
    idle: set[int] = set()
    for resource in app.resources:
        dead_letters: Any = getattr(resource, "dead_letters", None)
        if isinstance(dead_letters, Queue) and id(resource) not in fillable:
            idle.add(id(dead_letters))
    return idle - used - linked
