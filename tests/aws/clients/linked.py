"""Clients as a function has them, at a ministack: `linked(ministack, "queue", "Work", "work", ["send"])`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.links import Identity, Link
from isthmus_aws.linked import factories
from isthmus_aws.services import Services
from tests.emulators.aws.ministack import Ministack


def services_of(ministack: Ministack, function: str = "Caller") -> Services:
    """Return the services of a function that runs at a ministack."""
    identity = Identity(app="orders", stage="test", provider="aws", function=function, account=ministack.account)
    return Services(identity, region=ministack.region, endpoint=ministack.endpoint)


def linked(
    services: Services,
    kind: str,
    physical: str,
    verbs: Sequence[str],
    *,
    name: str = "Thing",
    properties: Mapping[str, Any] | None = None,
) -> Any:
    """Return the client of a link."""
    return factories(services)[kind](Link(kind, name, physical, tuple(verbs), properties))
