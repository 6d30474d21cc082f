"""What one function is linked to, as it travels to the function: in one environment variable, or a file it names."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.sources import Source

VARIABLE = "ISTHMUS"
"""The environment variable that carries the whole identity of a function: compact JSON, never a secret."""

FILE = "isthmus.identity"
"""The file of a bundle that has the identity where all variables together have no room for it; the variable names it.

It is the very text that the variable would hold, so the variables that a function declares are not in it.
"""


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
    "task"): an event of any other kind is refused. `sources` maps what its events name as their origin, by the
    provider's name, to the source. `routes` maps each route ("GET /orders/{id}", or "GET,PUT /orders/{id}" for several
    methods) of a function that answers for a whole api to its handler's path; `body_limit` is in bytes, 0 for none.
    `timeout` is in seconds, and `timeouts` has those of its handlers that have less, by their paths; of the handlers in
    `serial` an instance runs one at a time. `cors` are the options of a `CorsPolicy`, where the function is the owner
    of its api's. `account` and `region` are the provider's, where it has such.
    """

    __slots__ = (
        "account",
        "app",
        "body_limit",
        "cors",
        "function",
        "handler",
        "links",
        "provider",
        "region",
        "routes",
        "serial",
        "sources",
        "stage",
        "timeout",
        "timeouts",
        "triggers",
    )

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
        sources: Mapping[str, Source] | None = None,
        links: Mapping[str, Link] | None = None,
        routes: Mapping[str, str] | None = None,
        body_limit: int = 0,
        account: str = "",
        region: str = "",
        timeouts: Mapping[str, float] | None = None,
        serial: tuple[str, ...] = (),
        cors: Mapping[str, Any] | None = None,
    ) -> None:
        self.app = app
        self.stage = stage
        self.provider = provider
        self.function = function
        self.handler = handler
        self.timeout = timeout
        self.triggers = triggers
        self.sources: Mapping[str, Source] = sources or {}
        self.links: Mapping[str, Link] = links or {}
        self.routes: Mapping[str, str] = routes or {}
        self.body_limit = body_limit
        self.account = account
        self.region = region
        self.timeouts: Mapping[str, float] = timeouts or {}
        self.serial = serial
        self.cors: Mapping[str, Any] = cors or {}


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
        "links": links,
        **_given(
            sources={name: source.row() for name, source in identity.sources.items()},
            routes=dict(identity.routes),
            body_limit=identity.body_limit,
            account=identity.account,
            region=identity.region,
            timeouts=dict(identity.timeouts),
            serial=list(identity.serial),
            cors=dict(identity.cors),
        ),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _given(**entries: Any) -> dict[str, Any]:
    """Return the entries that say something: the room for variables is small."""
    return {name: value for name, value in entries.items() if value}


def read(text: str, folder: str) -> Identity:
    """Return the identity that the variable holds, or that is in the file it names: in `folder`, the bundle's own."""
    if text != FILE:
        return decode(text)
    try:
        with open(f"{folder}/{FILE}", encoding="utf-8") as file:
            return decode(file.read())
    except FileNotFoundError:
        raise RuntimeError(
            f"the environment variable {VARIABLE} says that the file {FILE} of the bundle has who this function is, "
            f"and there is none in {folder or 'no folder'}: deploy the app again, code and variables together"
        ) from None


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
        sources={name: Source(*row) for name, row in document.get("sources", {}).items()},
        links=links,
        routes=document.get("routes"),
        body_limit=document.get("body_limit", 0),
        account=document.get("account", ""),
        region=document.get("region", ""),
        timeouts=document.get("timeouts"),
        serial=tuple(document.get("serial", ())),
        cors=document.get("cors"),
    )
