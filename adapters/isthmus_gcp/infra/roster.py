"""Who is deployed and linked to what: asked by whatever grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from isthmus.declarations.resource import Resource
from isthmus.deployment import Deployment
from isthmus.links import Identity
from isthmus_gcp.infra.completed import completed
from isthmus_gcp.infra.deployables import Deployable, deployables


@dataclass(frozen=True)
class Known:
    """A function that is deployed, and its complete identity."""

    deployable: Deployable
    identity: Identity


def roster(deployment: Deployment) -> Mapping[str, Known]:
    """Return all functions that are deployed, by name."""
    plan = deployment.plan
    return deployment.once(
        "roster", lambda: {name: Known(found, completed(found, plan)) for name, found in deployables(plan).items()}
    )


def linked(deployment: Deployment, resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name of each function that is linked to a resource, and the verbs that it may use."""
    for name, known in roster(deployment).items():
        link = known.identity.links.get(resource.name)
        if link is not None:
            yield name, link.verbs


def parking(deployment: Deployment, topic: str) -> Iterator[str]:
    """Yield the name of each function that parks what it gives up in the topic of that physical name."""
    for name, known in roster(deployment).items():
        if any(source.dead_letters == topic for source in known.identity.sources.values()):
            yield name
