"""Property values of a provider plugin, as plain data and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, cast

import pulumi
from pulumi.provider.experimental.property_value import Computed, PropertyValue, ResourceReference
from pulumi.runtime import rpc

from tests.emulators.realiser.assets import is_asset, portable
from tests.emulators.realiser.plain import whole

Properties: TypeAlias = Mapping[str, PropertyValue]


class Unknown:
    """Stands for a value that is known only once something else has been created."""

    def __repr__(self) -> str:
        return "(not known yet)"


def plain(properties: Properties) -> dict[str, Any]:
    """Return properties as plain data, without those that are null."""
    return {name: _plain(value) for name, value in properties.items() if value.value is not None}


def _plain(property_value: PropertyValue) -> Any:
    value: Any = property_value.value
    if isinstance(value, Mapping):
        return plain(cast("Properties", value))
    if isinstance(value, ResourceReference):
        return _plain(value.resource_id) if value.resource_id else value.urn
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in cast("Sequence[PropertyValue]", value)]
    return Unknown() if isinstance(value, Computed) else whole(value)


def wire(value: Any) -> PropertyValue:
    """Return plain data as a property value."""
    if isinstance(value, Unknown):
        return PropertyValue(rpc.UNKNOWN)
    if isinstance(value, Mapping):
        return PropertyValue({str(name): wire(inner) for name, inner in cast("Mapping[str, Any]", value).items()})
    if isinstance(value, list | tuple):
        return PropertyValue([wire(inner) for inner in cast("Sequence[Any]", value)])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))  # it takes no int
    return PropertyValue(value)


def sendable(property_value: PropertyValue) -> PropertyValue:
    """Return a value with the engine's own word for what is not known yet: the SDK reads that, but cannot write it."""
    value: Any = property_value.value
    if isinstance(value, Computed):
        return PropertyValue(rpc.UNKNOWN)
    if isinstance(value, Mapping):
        inner = cast("Properties", value)
        return PropertyValue({name: sendable(one) for name, one in inner.items()}).with_secret(property_value.is_secret)
    if isinstance(value, Sequence) and not isinstance(value, str):
        several = cast("Sequence[PropertyValue]", value)
        return PropertyValue([sendable(one) for one in several]).with_secret(property_value.is_secret)
    return property_value


def without_assets(properties: Properties, base: Path) -> dict[str, PropertyValue]:
    """Return properties with each asset as plain data: later requests no longer have its contents."""
    return {name: _portable(value, base) for name, value in properties.items()}


def _portable(property_value: PropertyValue, base: Path) -> PropertyValue:
    value: Any = property_value.value
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return wire(portable(value, base)).with_secret(property_value.is_secret)
    return sendable(property_value)


def fingerprints(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return a digest of each input: an engine's Diff brings no old inputs, and secrets may not be kept in the open."""
    return {name: fingerprint(value) for name, value in inputs.items()}


def fingerprint(value: Any) -> str:
    """Return the digest of one input; of an asset it is that of its contents, wherever they lie."""
    known = value["sha256"] if is_asset(value) else value
    return sha256(json.dumps(known, sort_keys=True, default=repr).encode()).hexdigest()[:16]
