"""The services of Google that an app needs, each enabled once, and never disabled: others in the project may use them.

https://cloud.google.com/service-usage/docs/enable-disable. Service Usage and Resource Manager themselves are enabled
beforehand: without them no program can enable anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_gcp import projects

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Component, Node
from isthmus.deployment import Deployment

SERVICE = Node("service", projects.Service)

NEEDED: Mapping[str, Sequence[str]] = {
    "apigateway": ("apigateway", "servicemanagement", "servicecontrol"),
    "cloudfunctionsv2": ("cloudfunctions", "run", "cloudbuild", "artifactregistry"),
    "cloudrunv2": ("run",),
    "cloudscheduler": ("cloudscheduler",),
    "cloudtasks": ("cloudtasks",),
    "eventarc": ("eventarc",),
    "firestore": ("firestore",),
    "parametermanager": ("parametermanager",),
    "pubsub": ("pubsub",),
    "secretmanager": ("secretmanager",),
    "serviceaccount": ("iam", "iamcredentials"),
    "storage": ("storage",),
    "workflows": ("workflows", "workflowexecutions"),
}
"""The module of a raw resource (`gcp:pubsub/topic:Topic`) to the services that make it."""


class Service(Component[ComponentArgs]):
    """A service of Google's, enabled in the project."""

    token = "isthmus:gcp:Service"
    children = (SERVICE,)

    def __init__(self, name: str, deployment: Deployment) -> None:
        super().__init__(name, ComponentArgs(), deployment)
        arguments = {
            "project": deployment.plan.target.account,
            "service": f"{name}.googleapis.com",
            "disable_on_destroy": False,
        }
        self.service = self.child(SERVICE, arguments)
        self.done()


def enabled_for(deployment: Deployment, kind: type[pulumi.CustomResource]) -> list[pulumi.Resource]:
    """Return the services that a raw resource of `kind` needs."""
    module = str(getattr(kind, "pulumi_type", "")).partition(":")[2].partition("/")[0]
    return [enabled(deployment, name) for name in NEEDED.get(module, ())]


def enabled(deployment: Deployment, name: str) -> pulumi.Resource:
    """Return a service, such as "pubsub", enabled once for the whole app."""
    return deployment.once(("service", name), lambda: Service(name, deployment)).service
