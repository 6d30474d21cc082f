"""Configuration: secrets, plain parameters, and values that are linked from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from isthmus.declarations.resource import Grant, Resource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Secret(Resource):
    """A value that only linked functions read; set by `isthmus secret set NAME`, never written in the declaration."""

    kind: ClassVar[str] = "secret"
    verbs: ClassVar[tuple[str, ...]] = ("read",)
    holds_data: ClassVar[bool] = True

    @property
    def read(self) -> Grant:
        """Read the value."""
        return self.grant("read")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameter(Resource):
    """Plain configuration: a value that is no secret."""

    kind: ClassVar[str] = "parameter"
    verbs: ClassVar[tuple[str, ...]] = ("read",)

    value: str

    @property
    def read(self) -> Grant:
        """Read the value."""
        return self.grant("read")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linkable(Resource):
    """Anything else a function may need: `properties` reach it as attributes, `grants` are permissions by provider.

    `grants` maps a provider's name to what its adapter understands, such as policy statements.
    """

    kind: ClassVar[str] = "linkable"
    verbs: ClassVar[tuple[str, ...]] = ("read",)

    properties: Mapping[str, Any] = field(default_factory=lambda: {})
    grants: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {})

    @property
    def read(self) -> Grant:
        """Read the properties."""
        return self.grant("read")
