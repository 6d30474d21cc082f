"""What one function is linked to, as it travels to the function in one environment variable."""

from __future__ import annotations

from isthmus._typing import Any, Mapping

VARIABLE = "ISTHMUS"
"""The environment variable that carries the whole identity of a function: compact JSON, never a secret."""


class Link:
    """One linked resource: its kind, declared `name`, the provider's `physical` name, granted verbs, and properties."""

    __slots__ = ("kind", "name", "physical", "properties", "verbs")

    def __init__(
        self, kind: str, name: str, physical: str, verbs: tuple[str, ...], properties: Mapping[str, Any] | None = None
    ) -> None:
        self.kind = kind
        self.name = name
        self.physical = physical
        self.verbs = verbs
        self.properties: Mapping[str, Any] = properties or {}

    def __repr__(self) -> str:
        return f"<Link {self.kind} {self.name} ({', '.join(self.verbs)})>"


class Identity:
    """Who a function is: its app, stage, provider and own name, the handler path, its triggers and its links.

    `triggers` are the event kinds it accepts ("http", "queue", "topic", "stream", "table", "bucket", "schedule",
    "task"): an event of any other kind is refused. `sources` maps the provider's name of each resource that triggers it
    to the declared one, where they differ. `timeout` is in seconds.
    """

    __slots__ = ("app", "function", "handler", "links", "provider", "sources", "stage", "timeout", "triggers")

    def __init__(
        self,
        *,
        app: str,
        stage: str,
        provider: str,
        function: str,
        handler: str = "",
        timeout: float = 30.0,
        triggers: tuple[str, ...] = (),
        sources: Mapping[str, str] | None = None,
        links: Mapping[str, Link] | None = None,
    ) -> None:
        self.app = app
        self.stage = stage
        self.provider = provider
        self.function = function
        self.handler = handler
        self.timeout = timeout
        self.triggers = triggers
        self.sources: Mapping[str, str] = sources or {}
        self.links: Mapping[str, Link] = links or {}


def encode(identity: Identity) -> str:
    """Return `identity` as the compact JSON that `decode` reads."""
    import json

    links = {
        link.name: [link.kind, link.physical, list(link.verbs), *([link.properties] if link.properties else [])]
        for link in identity.links.values()
    }
    document = {
        "app": identity.app,
        "stage": identity.stage,
        "provider": identity.provider,
        "function": identity.function,
        "handler": identity.handler,
        "timeout": identity.timeout,
        "triggers": list(identity.triggers),
        **({"sources": dict(identity.sources)} if identity.sources else {}),
        "links": links,
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> Identity:
    """Return the identity that `encode` wrote."""
    import json

    document = json.loads(text)
    links = {
        name: Link(kind, name, physical, tuple(verbs), *properties)
        for name, (kind, physical, verbs, *properties) in document["links"].items()
    }
    return Identity(
        app=document["app"],
        stage=document["stage"],
        provider=document["provider"],
        function=document["function"],
        handler=document["handler"],
        timeout=document["timeout"],
        triggers=tuple(document["triggers"]),
        sources=document.get("sources"),
        links=links,
    )
