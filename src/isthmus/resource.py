"""`Resource.X`: the typed client behind a link."""

from __future__ import annotations

from _thread import RLock
from contextvars import ContextVar

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import NotLinkedError
from isthmus.links import Identity, Link


class AppInfo:
    """`Resource.App`: the app's name, its stage and the provider it runs on."""

    __slots__ = ("name", "provider", "stage")

    def __init__(self, name: str, stage: str, provider: str) -> None:
        self.name = name
        self.stage = stage
        self.provider = provider


class Scope:
    """One function's linked clients: each made on first use by its kind's factory, and kept.

    `clients` maps a kind ("table", "queue", …) to a factory that takes the `Link` and returns the client.
    """

    __slots__ = ("_clients", "_factories", "_lock", "identity")

    def __init__(self, identity: Identity, clients: Mapping[str, Callable[[Link], Any]]) -> None:
        self.identity = identity
        self._factories = clients
        self._clients: dict[str, Any] = {"App": AppInfo(identity.app, identity.stage, identity.provider)}
        self._lock = RLock()

    def client(self, name: str) -> Any:
        """Return the client of the linked resource `name`; `NotLinkedError` where there is no such link."""
        try:
            return self._clients[name]
        except KeyError:
            return self._connect(name)

    def _connect(self, name: str) -> Any:
        link = self.identity.links.get(name)
        if link is None:
            raise NotLinkedError(name, function=self.identity.function, linked=self.identity.links) from None
        with self._lock:
            if name not in self._clients:
                self._clients[name] = self._factories[link.kind](link)
            return self._clients[name]


_instance: list[Scope] = []
"""The scope of this process, where it serves a single function (as on every cloud)."""

scope: ContextVar[Scope | None] = ContextVar("isthmus.scope", default=None)
"""The scope of the running invocation, where one process serves several functions (in tests)."""


def activate(new: Scope) -> None:
    """Make `new` the scope of this process: called once, by the provider's entry point."""
    _instance[:] = [new]


class Resources:
    """The type of `Resource`: each attribute is the client of the linked resource of that name."""

    def __getattr__(self, name: str) -> Any:
        active = scope.get() or (_instance[0] if _instance else None)
        if active is None:
            raise NotLinkedError(name, function="(none: this code runs outside of a function)", linked=())
        return active.client(name)


Resource = Resources()
