"""What functions may do in a Firestore database: a permission of the project, on condition of the database's name.

No collection has permissions of its own, so this is the narrowest that there is.
https://cloud.google.com/firestore/native/docs/manage-databases#configure_per-database_access_permissions
"""

from __future__ import annotations

from pulumi_gcp import projects

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.components.renames import former_name
from isthmus.deployment import Deployment
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.database import Database

MEMBER = Node("member", projects.IAMMember)

READ = "roles/datastore.viewer"
WRITE = "roles/datastore.user"
"""https://cloud.google.com/firestore/native/docs/security/iam#roles: no role writes without reading."""


class DatabaseAccess(GoogleComponent[ComponentArgs]):
    """What a function may do in a database."""

    token = "isthmus:gcp:DatabaseAccess"
    children = (MEMBER,)

    def __init__(self, deployment: Deployment, database: Database, function: str, role: str) -> None:
        verb = "reads" if role == READ else "writes"
        shown = former_name(deployment.plan.app, function) or function
        super().__init__(f"{shown}-{verb}-{database.name}", ComponentArgs(), deployment)
        known = account(deployment, function)
        arguments = {
            "project": self.project,
            "role": role,
            "member": known.member,
            "condition": condition(self.project, database.physical),
        }
        self.member = self.child(MEMBER, arguments, depends_on=[known.account, database.database])
        self.done()


def let(deployment: Deployment, database: Database, function: str, role: str) -> None:
    """Let a function read, or write as well, in a database; once, whatever number of its tables it is linked to."""
    key = ("database access", database.physical, function, role)
    deployment.once(key, lambda: DatabaseAccess(deployment, database, function, role))


def condition(project: str, database: str) -> dict[str, str]:
    """Return the condition that holds for one database alone."""
    name = f"projects/{project}/databases/{database}"
    return {"title": f"database {database}"[:100], "expression": f'resource.name == "{name}"'}
