"""Which client a linked resource gets: the visible table, and the factories that a `Scope` takes."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.links import Link
from isthmus.parts import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

CLIENTS: Mapping[str, str] = {
    "table": "isthmus_gcp.clients.table:TableClient",
    "queue": "isthmus_gcp.clients.queue:QueueClient",
    "topic": "isthmus_gcp.clients.topic:TopicClient",
    "stream": "isthmus_gcp.clients.stream:StreamClient",
    "bucket": "isthmus_gcp.clients.bucket:BucketClient",
    "secret": "isthmus_gcp.clients.secret:SecretClient",
    "function": "isthmus_gcp.clients.function:FunctionClient",
    "workflow": "isthmus_gcp.clients.workflow:WorkflowClient",
    "parameter": "isthmus.linked_values:ParameterClient",
    "linkable": "isthmus.linked_values:LinkableClient",
}
"""Kind of linked resource to "module:class" of its client: `provider.clients`."""

_BY_LINK_ALONE = ("parameter", "linkable")


def factories(services: Services) -> Mapping[str, Callable[[Link], Any]]:
    """Return what makes the client of each kind: on first use, with the Google clients that all of them share."""
    return {kind: _factory(kind, path, services) for kind, path in CLIENTS.items()}


def _factory(kind: str, path: str, services: Services) -> Callable[[Link], Any]:
    def connect(link: Link) -> Any:
        client = part(path)
        return client(link) if kind in _BY_LINK_ALONE else client(link, services)

    return connect
