"""Finds every policy among what a program registers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from isthmus.shapes import is_list
from tests.aws.infra.mocks import Deployed

PLACES = ("policy", "assumeRolePolicy", "accessPolicies", "resourcePolicy")
"""The inputs that hold a policy, whatever the resource is."""


def statements(found: Deployed) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each statement of each policy, with the name of the resource that it belongs to."""
    for resource in found.resources:
        for place in PLACES:
            if place in resource.inputs:
                for statement in listed(json.loads(resource.inputs[place])["Statement"]):
                    yield resource.name, statement


def listed(value: Any) -> list[Any]:
    """Return what may be one or a list of them."""
    return list(value) if is_list(value) else [value]
