"""A secret in Secret Manager: a place for a value, which `isthmus secret set` puts and Pulumi never sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_gcp import secretmanager

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import settings as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_name
from isthmus_gcp.infra.roster import linked

SECRET = Node("secret", secretmanager.Secret, holds_data=True)
ACCESS = Node("access", secretmanager.SecretIamMember)

READ = "roles/secretmanager.secretAccessor"
"""https://cloud.google.com/secret-manager/docs/access-control#secretmanager.secretAccessor"""


@dataclass(frozen=True, kw_only=True)
class SecretArgs(ComponentArgs):
    """A secret. Its values lie where Google likes, or only in the `locations` that this names."""

    locations: Sequence[str] = ()

    @classmethod
    def of(cls, declared: declarations.Secret, plan: Plan) -> SecretArgs:
        """Return the arguments of a declared secret, after the transforms."""
        return settled(cls, declared, plan, {})


class Secret(GoogleComponent[SecretArgs]):
    """A secret without a version: it has no value until somebody sets one."""

    token = "isthmus:gcp:Secret"
    children = (SECRET, ACCESS)
    takes = SecretArgs

    def __init__(self, declared: declarations.Secret, deployment: Deployment) -> None:
        super().__init__(declared.name, SecretArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        replicas = {"replicas": [{"location": location} for location in self.args.locations]}
        arguments: dict[str, Any] = {
            "project": self.project,
            "secret_id": self.physical,
            "replication": {"user_managed": replicas} if self.args.locations else {"auto": {}},
            "deletion_protection": self.keeps_data,
        }
        path = f"projects/{self.project}/secrets/{self.physical}"
        self.secret = self.child(SECRET, arguments, adopt=path)
        for name, _verbs in linked(deployment, declared):
            self._grant(name)
        self.done(name=self.physical)

    def _grant(self, function: str) -> None:
        known = account(self.deployment, function)
        arguments = {
            "project": self.project,
            "secret_id": self.secret.secret_id,
            "role": READ,
            "member": known.member,
        }
        self.child(ACCESS, arguments, of=known_name(self, function), depends_on=[known.account])
