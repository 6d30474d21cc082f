"""Clients of what comes whole with its link: parameters and linkables. They are the same on every provider."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.links import Link


class ParameterClient:
    """A linked parameter: see `isthmus.ports.Parameter`; its value came with the link."""

    __slots__ = ("_value", "name")

    def __init__(self, link: Link) -> None:
        self.name = link.physical
        self._value: str = link.properties["value"]

    def value(self) -> str:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return f"<Parameter {self.name}>"


class LinkableClient:
    """Each property is an attribute; `name` is the physical name, unless a property is called so."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_link":  # the questions of copy and pickle, before there is a link
            raise AttributeError(name)
        properties = self._link.properties
        if name in properties:
            return properties[name]
        if name == "name":
            return self._link.physical
        known = ", ".join(sorted(properties)) or "none"
        raise AttributeError(f"{self._link.name!r} has no property {name!r} (properties: {known})", name=name, obj=self)

    def __repr__(self) -> str:
        return f"<Linkable {self._link.name}>"
