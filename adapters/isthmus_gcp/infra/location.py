"""Where a Pulumi program deploys to: the project and the region, asked for once, before anything is made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError

PROJECT = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
REGION = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")
"""Variables that name the project and the region, those of the provider itself.

https://www.pulumi.com/registry/packages/gcp/installation-configuration/#configuration-options
"""


class NoLocationError(IsthmusError, LookupError):
    """Nobody says which project, or which region, to deploy to."""

    def __init__(self, what: str, variables: Sequence[str]) -> None:
        super().__init__(
            f"no {what} is configured for this stack: pulumi config set gcp:{what} NAME, "
            f"or set {' or '.join(variables)}"
        )


def located(target: Target) -> Target:
    """Return `target` with the project and the region that are configured; `NoLocationError` where one is not."""
    project = target.account or _configured("project", PROJECT)
    return replace(target, account=project, region=target.region or _configured("region", REGION))


def _configured(what: str, variables: Sequence[str]) -> str:
    import pulumi

    found = pulumi.Config("gcp").get(what) or next((os.environ[name] for name in variables if os.environ.get(name)), "")
    if not found:
        raise NoLocationError(what, variables)
    return found
