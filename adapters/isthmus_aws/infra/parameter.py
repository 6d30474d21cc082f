"""A parameter in Systems Manager's Parameter Store.

Functions have its value in their link and ask nobody for it. It is kept here as well for whoever looks at the account,
and for other programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import ssm

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import settings as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.rules.parameters import STANDARD_BYTES

PARAMETER = Node("parameter", ssm.Parameter)


@dataclass(frozen=True, kw_only=True)
class ParameterArgs(ComponentArgs):
    """A parameter, besides its value, which is the declaration's alone: functions get it from there."""

    tier: Literal["Standard", "Advanced"] = "Standard"
    description: str = ""

    @classmethod
    def of(cls, declared: declarations.Parameter, plan: Plan) -> ParameterArgs:
        """Return the arguments of a declared parameter, after the transforms."""
        large = len(declared.value.encode()) > STANDARD_BYTES
        return settled(cls, declared, plan, {"tier": "Advanced" if large else "Standard"})


class Parameter(Component[ParameterArgs]):
    """Plain text under the parameter's fixed name."""

    token = "isthmus:aws:Parameter"
    children = (PARAMETER,)
    takes = ParameterArgs

    def __init__(self, declared: declarations.Parameter, deployment: Deployment) -> None:
        super().__init__(declared.name, ParameterArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        arguments = {
            "name": self.physical,
            "type": "String",
            "value": declared.value,
            "tier": self.args.tier,
            "description": self.args.description or None,
        }
        self.parameter = self.child(PARAMETER, arguments, adopt=self.physical)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The parameter's ARN."""
        return self.parameter.arn
