"""A linkable: nothing is made for it but the permissions that it says.

A grant is `{"role": "roles/…"}`, with a `condition` (`title`, `expression`) if any. It is one of the project, since
only its author knows what it is about.
"""

from __future__ import annotations

from pulumi_gcp import projects

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.declarations import settings as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.known_as import known_name
from isthmus_gcp.infra.linkable_grants import grants_of
from isthmus_gcp.infra.roster import linked

MEMBER = Node("member", projects.IAMMember)


class Linkable(GoogleComponent[ComponentArgs]):
    """What functions that are linked to it may do besides."""

    token = "isthmus:gcp:Linkable"
    children = (MEMBER,)

    @classmethod
    def ready(cls, declared: declarations.Linkable, plan: Plan) -> None:
        """Raise where a grant is none, or too broad."""
        grants_of(declared)

    def __init__(self, declared: declarations.Linkable, deployment: Deployment) -> None:
        super().__init__(declared.name, ComponentArgs(), deployment)
        for name, _verbs in linked(deployment, declared):
            known = account(deployment, name)
            for number, grant in enumerate(grants_of(declared)):
                arguments = {"project": self.project, "member": known.member, **grant}
                self.child(MEMBER, arguments, of=f"{known_name(self, name)}-{number}", depends_on=[known.account])
        self.done()
