"""Pulumi's values as plain data: secrets unwrapped at any depth, whole numbers as ints, assets portable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import rpc

from tests.emulators.realiser.assets import portable


class UnsuppliedError(ValueError):
    """An input comes from an output that no creator supplies, or that is not known yet."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the input {where.lstrip('.')} comes from an output that no creator supplies")


def plain(value: Any, base: Path, where: str = "") -> Any:
    """Return a value of a resource's inputs as plain data; `base` is the folder that the program runs in."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value), base, where)
    if isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        return {key: plain(inner, base, f"{where}.{key}") for key, inner in found.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [plain(inner, base, where) for inner in cast("Sequence[Any]", value)]
    if isinstance(value, Unknown):
        raise UnsuppliedError(where)
    if isinstance(value, pulumi.Asset | pulumi.Archive):
        return portable(value, base)
    return whole(value)


def whole(value: Any) -> Any:
    """Return a number that is whole as an int: on the wire every number is a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
