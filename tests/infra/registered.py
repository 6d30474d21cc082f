"""What a Pulumi program has registered under mocks, and the bundles that it found prepared."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Bundle:
    """A prepared bundle of a function that is never run."""

    path: Path = Path("bundle.zip")
    digest: str = "ab" * 32
    size: int = 1000


class Everything(dict[str, Bundle]):
    """Prepared for whoever asks."""

    def __contains__(self, _key: object) -> bool:
        return True

    def __missing__(self, _key: str) -> Bundle:
        return Bundle()


@dataclass
class Registered:
    """One resource, as the program registered it."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    request: Any = field(repr=False)

    def json(self, name: str) -> Any:
        """Return an input that is JSON."""
        return json.loads(self.inputs[name])


@dataclass
class Deployed:
    """All that a program registered, what it exported, and the tokens of what it asked the provider."""

    resources: list[Registered]
    outputs: dict[str, Any]
    asked: list[str] = field(default_factory=lambda: [])

    def of(self, kind: str) -> list[Registered]:
        """Return the resources whose type ends in `kind`, such as `function:Function`."""
        return [resource for resource in self.resources if resource.type.endswith(kind)]

    def named(self, name: str) -> Registered:
        """Return the resource of a Pulumi name."""
        return next(resource for resource in self.resources if resource.name == name)

    @property
    def names(self) -> list[str]:
        """The Pulumi names of all."""
        return sorted(resource.name for resource in self.resources)
