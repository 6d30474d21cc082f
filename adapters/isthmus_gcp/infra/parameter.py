"""A parameter in Parameter Manager.

Functions have its value in their link and ask nobody for it. It is kept here as well for whoever looks at the project,
and for other programs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pulumi_gcp import parametermanager

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import settings as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.component import GoogleComponent

PARAMETER = Node("parameter", parametermanager.Parameter)
VERSION = Node("version", parametermanager.ParameterVersion)


@dataclass(frozen=True, kw_only=True)
class ParameterArgs(ComponentArgs):
    """A parameter, besides its value, which is the declaration's alone: functions get it from there."""

    @classmethod
    def of(cls, declared: declarations.Parameter, plan: Plan) -> ParameterArgs:
        """Return the arguments of a declared parameter, after the transforms."""
        return settled(cls, declared, plan, {})


class Parameter(GoogleComponent[ParameterArgs]):
    """Plain text under the parameter's fixed name; a version is named by what it holds, since it cannot be changed."""

    token = "isthmus:gcp:Parameter"
    children = (PARAMETER, VERSION)
    takes = ParameterArgs

    def __init__(self, declared: declarations.Parameter, deployment: Deployment) -> None:
        super().__init__(declared.name, ParameterArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        arguments = {"project": self.project, "parameter_id": self.physical, "format": "UNFORMATTED"}
        path = f"projects/{self.project}/locations/global/parameters/{self.physical}"
        self.parameter = self.child(PARAMETER, arguments, adopt=path)
        digest = hashlib.sha256(declared.value.encode()).hexdigest()[:16]
        version = {
            "parameter": self.parameter.id,
            "parameter_version_id": f"v-{digest}",
            "parameter_data": declared.value,
        }
        self.child(VERSION, version)
        self.done(name=self.physical)
