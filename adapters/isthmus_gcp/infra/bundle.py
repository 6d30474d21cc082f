"""The code of a function, as it has been prepared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from isthmus.deployment import Deployment
from isthmus.errors import IsthmusError


class Bundle(Protocol):
    """A zip: where it lies, its SHA-256 as hexadecimal digits, and its bytes."""

    path: Path
    digest: str
    size: int


class NoBundleError(IsthmusError, LookupError):
    """The code of a function has not been prepared: which function, and what has been."""

    def __init__(self, key: str, prepared: Mapping[str, Any]) -> None:
        known = ", ".join(sorted(map(repr, prepared))) or "nothing"
        super().__init__(f"no bundle has been prepared for {key!r}; prepared: {known}")


def bundle_of(deployment: Deployment, key: str) -> Bundle:
    """Return the bundle that was prepared as `key`, the name of a function."""
    try:
        return cast("Bundle", deployment.prepared[key])
    except KeyError:
        raise NoBundleError(key, deployment.prepared) from None
