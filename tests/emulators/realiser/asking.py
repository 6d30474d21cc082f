"""What an engine asks of a provider plugin, one resource at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue

from tests.emulators.realiser.plugin import Plugin
from tests.emulators.realiser.wire import plain, wire


class Engine:
    """What an engine does with one resource: it keeps the inputs and the state between requests."""

    def __init__(self, plugin: Plugin, token: str, name: str) -> None:
        self.plugin = plugin
        self.urn = f"urn:pulumi:aws-test::app::app:index:Part${token}::{name}"
        self.inputs: dict[str, PropertyValue] = {}
        self.state: dict[str, PropertyValue] = {}
        self.id = ""

    def check(self, seed: bytes = b"seed", **inputs: Any) -> dict[str, PropertyValue]:
        request = provider.CheckRequest(self.urn, self.inputs, {name: _value(inputs[name]) for name in inputs}, seed)
        return asyncio.run(self.plugin.check(request)).inputs or {}

    def create(self, *, preview: bool = False, **inputs: Any) -> Mapping[str, Any]:
        checked = self.check(**inputs)
        made = asyncio.run(self.plugin.create(provider.CreateRequest(self.urn, checked, 0, preview)))
        if not preview:
            self.inputs, self.state, self.id = checked, made.properties, made.resource_id or ""
        return plain(made.properties)

    def diff(self, *, ignore: tuple[str, ...] = (), **inputs: Any) -> provider.DiffResponse:
        request = provider.DiffRequest(self.urn, self.id, self.state, self.check(b"other", **inputs), list(ignore))
        return asyncio.run(self.plugin.diff(request))

    def update(self, **inputs: Any) -> Mapping[str, Any]:
        checked = self.check(**inputs)
        request = provider.UpdateRequest(self.urn, self.id, self.state, checked, 0, [], preview=False)
        self.inputs, self.state = checked, asyncio.run(self.plugin.update(request)).properties
        return plain(self.state)

    def refresh(self) -> bool:
        """Read the resource again; False where it is gone."""
        request = provider.ReadRequest(self.urn, self.id, self.state, self.inputs)
        found = asyncio.run(self.plugin.read(request))
        self.state, self.inputs = found.properties, found.inputs
        return bool(found.resource_id)

    def delete(self) -> None:
        asyncio.run(self.plugin.delete(provider.DeleteRequest(self.urn, self.id, self.state, 0)))


def _value(value: Any) -> PropertyValue:
    return PropertyValue(value) if isinstance(value, pulumi.Asset | pulumi.Archive) else wire(value)
