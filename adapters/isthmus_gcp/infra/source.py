"""The bucket that the code of the app's functions lies in."""

from __future__ import annotations

from pulumi_gcp import storage

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.names import code_name

BUCKET = Node("bucket", storage.Bucket)


class Source(GoogleComponent[ComponentArgs]):
    """A private bucket; what is in it can be built again, so that it goes with the stage."""

    token = "isthmus:gcp:Source"
    children = (BUCKET,)

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(f"{deployment.plan.app.name}-source", ComponentArgs(), deployment)
        arguments = {
            "project": self.project,
            "name": code_name(deployment.plan.app, deployment.plan.target),
            "location": self.region.upper(),
            "uniform_bucket_level_access": True,
            "public_access_prevention": "enforced",
            "force_destroy": True,
        }
        self.bucket = self.child(BUCKET, arguments)
        self.done(name=self.bucket.name)


def source(deployment: Deployment) -> Source:
    """Return the bucket of the code, made once."""
    return deployment.once("source", lambda: Source(deployment))
