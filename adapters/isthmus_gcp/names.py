"""The fixed names of what is linked: `app-stage-name-hash`, cut to what each service takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from isthmus.components.renames import former_name
from isthmus.declarations.app import App
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.table import Table
from isthmus.declarations.target import Target

LIMITS: Mapping[str, int] = {
    "account": 30,
    "api": 49,
    "bucket": 63,
    "code": 63,
    "database": 63,
    "function": 49,  # the Cloud Run service's: https://cloud.google.com/run/docs/deploying#service
    "parameter": 63,
    "trigger": 63,
    "workflow": 64,
}
"""The most characters of a name, by kind; of every other kind 100."""

_CASED = frozenset({"queue", "topic", "stream", "subscription", "inbox", "schedule", "secret", "parameter"})
_OWN = frozenset({"account", "code", "database", "inbox", "subscription", "trigger"})
"""Kinds of what is made beside what is declared, which may be named alike."""

_DIGITS = 8
_START = "start"
_INBOX = "inbox"


def physical_name(app: App, target: Target, kind: str, name: str) -> str:
    """Return the fixed name of a resource: the hash keeps stages, projects and regions apart, even where it is cut.

    A table's is `<database>/<collection>`. What has been renamed in the declaration keeps the name that it has, and so
    what it holds.
    """
    if kind == "table":
        return f"{database_name(app, target, name)}/{former_name(app, name) or name}"
    return _fixed(app, target, kind, former_name(app, name) or name)


def database_name(app: App, target: Target, table: str) -> str:
    """Return the name of the Firestore database that a table lies in: its own where it is isolated, else the app's."""
    alone = any(isinstance(made, Table) and made.name == table and made.isolated for made in app.resources)
    return _fixed(app, target, "database", (former_name(app, table) or table) if alone else "tables")


def sent_name(app: App, target: Target) -> str:
    """Return the name of the Firestore database that remembers which messages of ordered queues have been sent."""
    return _fixed(app, target, "database", "sent")


def code_name(app: App, target: Target) -> str:
    """Return the name of the bucket that the code of the app's functions lies in."""
    return _fixed(app, target, "code", "code")


def trigger_name(app: App, target: Target, table: Resource, function: Resource) -> str:
    """Return the name of what tells a function of a table's changes: Eventarc takes no capital letters."""
    owner, origin = (former_name(app, resource.name) or resource.name for resource in (function, table))
    return _fixed(app, target, "trigger", f"{owner}-{origin}")


def account_name(app: App, target: Target, function: str) -> str:
    """Return the id of the service account of a function, or of another that acts in the app."""
    return _fixed(app, target, "account", former_name(app, function) or function)


def delivery_names(app: App, target: Target, source: Resource, function: Resource) -> tuple[str, ...]:
    """Return what events of `source` name as their origin when they reach `function`.

    Subscriptions of Pub/Sub (of a queue several, see `queue_subscriptions`), or the table itself; a schedule and a call
    that was started name what `subscription_name` says in the header `Isthmus-Source`.
    """
    if isinstance(source, Queue):
        return tuple(queue_subscriptions(app, target, source))
    if isinstance(source, Table):
        return (physical_name(app, target, "table", source.name),)
    return (subscription_name(app, target, source, function),)


def subscription_name(app: App, target: Target, source: Resource, function: Resource) -> str:
    """Return the name of the subscription of a function to a topic, bucket or stream, or of what else starts it."""
    owner = former_name(app, function.name) or function.name
    if source is function or source.name == function.name:
        return _fixed(app, target, "subscription", f"{owner}-{_START}")
    origin = former_name(app, source.name) or source.name
    return _fixed(app, target, "subscription", f"{owner}-{origin}" + ("-source" if origin in (_START, _INBOX) else ""))


def queue_subscriptions(app: App, target: Target, queue: Resource) -> Mapping[str, Resource]:
    """Return what delivers a queue's messages, by name: the subscription to each topic that they come from.

    The first is that to the queue's own topic; the others are those of the topics that are subscribed to the queue.
    """
    own = former_name(app, queue.name) or queue.name
    found: dict[str, Resource] = {_fixed(app, target, "subscription", own): queue}
    for subscription in app.subscriptions:
        if subscription.target.name == queue.name and isinstance(subscription.target, Queue):
            origin = former_name(app, subscription.source.name) or subscription.source.name
            found[_fixed(app, target, "subscription", f"{own}-{origin}")] = subscription.source
    return found


def inbox_name(app: App, target: Target, function: Resource) -> str:
    """Return the name of the topic, and of its subscription, that brings back to a function what failed there once."""
    return _fixed(app, target, "inbox", f"{former_name(app, function.name) or function.name}-{_INBOX}")


def inbox_dead_letters_name(app: App, target: Target, source: Resource, function: Resource) -> str:
    """Return the name of the topic that takes what a function gives up of a source without a dead-letter queue."""
    owner, origin = (former_name(app, resource.name) or resource.name for resource in (function, source))
    return _fixed(app, target, "inbox", f"{owner}-{origin}-dead")


def _fixed(app: App, target: Target, kind: str, known_as: str) -> str:
    known = (kind if kind in _OWN else "", app.name, target.stage)
    digest = hashlib.sha256("\0".join((*known, known_as, target.account, target.region)).encode()).hexdigest()
    ending = f"-{digest[:_DIGITS]}"
    readable = f"{app.name}-{target.stage}-{known_as}"
    if kind not in _CASED:
        readable = re.sub(r"[^a-z0-9-]", "-", readable.lower())
    return readable[: LIMITS.get(kind, 100) - len(ending)].rstrip("-") + ending
