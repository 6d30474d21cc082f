"""The name by which children of a component are told apart."""

from __future__ import annotations

from typing import Any

from isthmus.components.component import Component
from isthmus.components.renames import former_name
from isthmus.declarations.resource import Resource


def known_as(owner: Component[Any], declared: Resource) -> str:
    """Return a resource's name: one that was renamed keeps its former one here, and so the child its URN."""
    return known_name(owner, declared.name)


def known_name(owner: Component[Any], name: str) -> str:
    """Return the same of a name.

    Who may do something is told apart by it, too: a member that is made under a new name and deleted under the old one
    would be gone, since to Google both are the same.
    """
    return former_name(owner.deployment.plan.app, name) or name
