"""A secret in Secrets Manager: a place for a value, which `isthmus secret set` puts and Pulumi never sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import secretsmanager

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import settings as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan

SECRET = Node("secret", secretsmanager.Secret, holds_data=True)

# fmt: off
RecoveryDays: TypeAlias = Literal[
    0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
]
# fmt: on
"""How long a deleted secret can be had back: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html."""

_LONGEST: RecoveryDays = 30


@dataclass(frozen=True, kw_only=True)
class SecretArgs(ComponentArgs):
    """A secret; once deleted it can be had back for `recovery_window` days: 30 where the stage keeps its data, or 0.

    `key` is the ARN of a key of your own, which whoever is linked to the secret may then use to read it; without one,
    Secrets Manager's own encrypts it.
    """

    recovery_window: RecoveryDays = _LONGEST
    key: str = ""
    description: str = ""

    @classmethod
    def of(cls, declared: declarations.Secret, plan: Plan) -> SecretArgs:
        """Return the arguments of a declared secret, after the transforms."""
        return settled(cls, declared, plan, {"recovery_window": _LONGEST if plan.app.removal == "retain" else 0})


class Secret(Component[SecretArgs]):
    """A secret without a version: it has no value until somebody sets one."""

    token = "isthmus:aws:Secret"
    children = (SECRET,)
    takes = SecretArgs

    def __init__(self, declared: declarations.Secret, deployment: Deployment) -> None:
        super().__init__(declared.name, SecretArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        arguments = {
            "name": self.physical,
            "recovery_window_in_days": self.args.recovery_window,
            "kms_key_id": self.args.key or None,
            "description": self.args.description or None,
        }
        self.secret = self.child(SECRET, arguments, adopt=self.physical)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The secret's ARN, with the characters that Secrets Manager adds to its name."""
        return self.secret.arn
