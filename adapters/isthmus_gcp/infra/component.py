"""What every component on Google has: labels, and the service that it is a resource of, enabled beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import pulumi
from pulumi_gcp import cloudtasks

from isthmus.components.component import A_co, Component, Node, parameters
from isthmus_gcp.infra.enabled import enabled_for
from isthmus_gcp.rules.label_text import labels

R = TypeVar("R", bound=pulumi.CustomResource)


class GoogleComponent(Component[A_co]):
    """A component whose raw resources are Google's."""

    tagged: ClassVar[str] = "labels"
    unread: ClassVar[Sequence[str]] = (
        *("labels", "pulumi_labels", "effective_labels"),
        *("deletion_policy", "deletion_protection", "force_destroy"),
    )
    """https://github.com/pulumi/pulumi-gcp/issues/3044."""

    @staticmethod
    def tags(tags: Mapping[str, str]) -> Mapping[str, str]:
        """Return tags as labels."""
        return labels(tags)

    @staticmethod
    def named(node: Node[Any], name: str) -> str:
        """Return the same with what a queue of Cloud Tasks may hold: it alone is named by this.

        https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#Queue.FIELDS.name
        """
        return name.replace("_", "-") if node.kind is cloudtasks.Queue else name

    @property
    def project(self) -> str:
        """The project that it is deployed to."""
        return self.deployment.plan.target.account

    @property
    def region(self) -> str:
        """The region that it is deployed to."""
        return self.deployment.plan.target.region

    def child(
        self,
        node: Node[R],
        arguments: Mapping[str, Any],
        *,
        of: str = "",
        adopt: str = "",
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> R:
        """Make a raw resource, after the services that it needs are enabled.

        What holds data says aloud whether the provider may delete it: in a stage that keeps its data it refuses to.
        """
        before = [*enabled_for(self.deployment, node.kind), *depends_on]
        policy = "PREVENT" if node.holds_data and self.keeps_data else "DELETE"
        said = {"deletion_policy": policy} if "deletion_policy" in parameters(node.kind) else {}
        return super().child(node, {**said, **arguments}, of=of, adopt=adopt, depends_on=before)
