"""Who may start workflows, look at them, and complete what waits: permissions of the project, as there are no others.

https://cloud.google.com/workflows/docs/access-control#roles
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi_gcp import projects

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.components.renames import former_name
from isthmus.deployment import Deployment
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.component import GoogleComponent

MEMBER = Node("member", projects.IAMMember)

RUN = "roles/workflows.invoker"
"""To start executions, read and cancel them, and call callbacks."""

READ = "roles/workflows.viewer"

LOG = "roles/logging.logWriter"
"""What a workflow's own account needs, so that its calls are logged.

https://cloud.google.com/workflows/docs/authentication#sa-permissions
"""

_VERBS: Mapping[str, str] = {RUN: "runs", READ: "reads", LOG: "logs"}


class WorkflowAccess(GoogleComponent[ComponentArgs]):
    """What a function or a workflow may do with the workflows of the project."""

    token = "isthmus:gcp:WorkflowAccess"
    children = (MEMBER,)

    def __init__(self, deployment: Deployment, who: str, role: str) -> None:
        shown = former_name(deployment.plan.app, who) or who
        super().__init__(f"{shown}-{_VERBS[role]}-workflows", ComponentArgs(), deployment)
        known = account(deployment, who)
        arguments = {"project": self.project, "role": role, "member": known.member}
        self.member = self.child(MEMBER, arguments, depends_on=[known.account])
        self.done()


def let(deployment: Deployment, who: str, role: str) -> projects.IAMMember:
    """Let a function or a workflow have a role, once."""
    return deployment.once(("workflow access", who, role), lambda: WorkflowAccess(deployment, who, role)).member


def roles_of(verbs: Iterable[str]) -> list[str]:
    """Return the roles for the verbs of a link: whoever may start may read as well."""
    asked = set(verbs)
    return [RUN] if asked - {"read"} else [READ] if asked else []
