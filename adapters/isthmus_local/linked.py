"""The clients of a worker's links, each imported when a handler first uses one of its kind."""

from __future__ import annotations

import importlib
import os

from isthmus._typing import Any, Callable, Mapping
from isthmus.links import Link

STATE = "ISTHMUS_STATE"
"""The environment variable that tells a worker where the state directory is."""

DURABILITY = "ISTHMUS_DURABILITY"
"""The environment variable that tells a worker what the bytes it stores must survive: "process" or "power"."""


CLIENTS: Mapping[str, str] = {
    "table": "isthmus_local.clients.table:TableClient",
    "queue": "isthmus_local.clients.queue:QueueClient",
    "topic": "isthmus_local.clients.topic:TopicClient",
    "stream": "isthmus_local.clients.stream:StreamClient",
    "bucket": "isthmus_local.clients.bucket:BucketClient",
    "secret": "isthmus_local.clients.secret:SecretClient",
    "parameter": "isthmus.linked_values:ParameterClient",
    "function": "isthmus_local.clients.function:FunctionClient",
    "workflow": "isthmus_local.clients.workflow:WorkflowClient",
    "linkable": "isthmus.linked_values:LinkableClient",
}
"""Kind of linked resource to its client's class: `provider.clients`."""

_UNASKING = frozenset({"parameter", "linkable"})  # these need nothing but their link


def factories(transport: Any, objects: Callable[[], Any] | None = None) -> Mapping[str, Callable[[Link], Any]]:
    """Return the factory of each kind of client, over `transport`; `objects` returns where buckets' files are."""
    where = objects or _objects(os.environ.get(STATE, ""), os.environ.get(DURABILITY, ""))
    return {kind: _factory(kind, transport, where) for kind in CLIENTS}


def _factory(kind: str, transport: Any, objects: Callable[[], Any]) -> Callable[[Link], Any]:
    def make(link: Link) -> Any:
        module, _, name = CLIENTS[kind].partition(":")
        client = getattr(importlib.import_module(module), name)
        if kind in _UNASKING:
            return client(link)
        return client(link, transport, objects()) if kind == "bucket" else client(link, transport)

    return make


def _objects(state: str, durability: str) -> Callable[[], Any]:
    """Return what opens the objects: the variables are read now, as a handler may change them."""

    def open_objects() -> Any:
        from isthmus_local.store.objects import Objects

        return Objects(os.path.join(state, "objects"), durable=durability == "power")

    return open_objects
