"""The fixed names of what is linked: `app-stage-name-hash`, cut to what each service takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from isthmus.components.renames import former_name
from isthmus.declarations.app import App
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.target import Target

LIMITS: Mapping[str, int] = {
    "bucket": 63,
    "connection": 64,
    "function": 64,
    "inbox": 80,
    "queue": 80,
    "schedule": 64,
    "stream": 128,
    "table": 255,
    "topic": 256,
    "workflow": 80,
}
"""The most characters of a name, by kind; of every other kind 128."""

FIFO = ".fifo"
"""What the name of a FIFO queue ends in, which SQS asks for."""

_DIGITS = 8
_START = "start"


def physical_name(app: App, target: Target, kind: str, name: str) -> str:
    """Return the fixed name of a resource: the hash keeps stages, accounts and regions apart, even where it is cut.

    What has been renamed in the declaration keeps the name that it has, and so what it holds.
    """
    known_as = former_name(app, name) or name
    known = (app.name, target.stage, known_as, target.account, target.region)
    digest = hashlib.sha256("\0".join(known).encode()).hexdigest()[:_DIGITS]
    ending = f"-{digest}{FIFO if kind == 'queue' and is_fifo(app, name) else ''}"
    readable = f"{app.name}-{target.stage}-{known_as}"
    if kind == "bucket":
        readable = readable.lower().replace("_", "-")
    return readable[: LIMITS.get(kind, 128) - len(ending)].rstrip("-") + ending


def delivery_names(app: App, target: Target, source: Resource, function: Resource) -> tuple[str]:
    """Return what events of `source` name as their origin: a queue, table or stream itself, or the function's inbox."""
    if source.kind in ("queue", "stream", "table"):
        return (physical_name(app, target, source.kind, source.name),)
    return (inbox_name(app, target, source, function),)


def inbox_name(app: App, target: Target, source: Resource, function: Resource) -> str:
    """Return the name of the queue between a source that pushes (topic, bucket, schedule, caller) and a function."""
    return physical_name(app, target, "inbox", _inbox(app, source, function))


def inbox_dead_letters_name(app: App, target: Target, source: Resource, function: Resource) -> str:
    """Return the name of the queue that takes what an inbox gives up, where its source has no dead-letter queue."""
    return physical_name(app, target, "inbox", f"{_inbox(app, source, function)}-dead")


def _inbox(app: App, source: Resource, function: Resource) -> str:
    owner = former_name(app, function.name) or function.name
    if source is function or source.name == function.name:
        return f"{owner}-{_START}"
    origin = former_name(app, source.name) or source.name
    return f"{owner}-{origin}" + ("-source" if origin == _START else "")


def is_fifo(app: App, name: str) -> bool:
    """Return whether the declared queue of that name is FIFO, as the dead-letter queue of a FIFO queue is too."""
    queues = [resource for resource in app.resources if isinstance(resource, Queue)]
    return any(queue.fifo and name in (queue.name, _dead_letters(queue)) for queue in queues)


def _dead_letters(queue: Queue) -> str:
    return queue.dead_letters.name if queue.dead_letters else ""
