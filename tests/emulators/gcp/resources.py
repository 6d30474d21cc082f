"""What has been deployed: each resource as its program described it, by Pulumi's names of its properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

Inputs = Mapping[str, Any]
Watcher = Callable[[str, Inputs | None], None]


def within(inputs: Inputs, *path: str) -> dict[str, Any]:
    """Return an object in the inputs; an empty one where none is set."""
    found: Any = inputs
    for name in path:
        found = found.get(name) or {}
    return dict(found)


class Resources:
    """Resources by kind and full name; used from one event loop."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Inputs]] = defaultdict(dict)
        self._watchers: dict[str, list[Watcher]] = defaultdict(list)

    def watch(self, kind: str, watcher: Watcher) -> None:
        """Call `watcher` with the name and the inputs of what is put, and with None for what is dropped."""
        self._watchers[kind].append(watcher)

    def put(self, kind: str, name: str, inputs: Inputs) -> None:
        """Keep a resource in place of the one that has its name."""
        self._kept[kind][name] = inputs
        self._tell(kind, name, inputs)

    def drop(self, kind: str, name: str) -> bool:
        """Forget a resource; whether there was one."""
        if self._kept[kind].pop(name, None) is None:
            return False
        self._tell(kind, name, None)
        return True

    def get(self, kind: str, name: str) -> Inputs | None:
        """Return a resource; None where it is not there."""
        return self._kept[kind].get(name)

    def all(self, kind: str) -> Mapping[str, Inputs]:
        """Return all of a kind by name."""
        return dict(self._kept[kind])

    def _tell(self, kind: str, name: str, inputs: Inputs | None) -> None:
        for watcher in self._watchers[kind]:
            watcher(name, inputs)
