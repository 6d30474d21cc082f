"""What a function may do to itself and to what has no component: its own account, the tasks, the databases, linkables.

What it may do to a declared resource is granted there, as a child of the resource's component. All of it follows from
links and from what reaches the function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp import cloudtasks, serviceaccount

from isthmus.components.component import Node
from isthmus_gcp.infra.agents import agent
from isthmus_gcp.infra.sent import let_remember
from isthmus_gcp.infra.specification import SENT, Specification
from isthmus_gcp.infra.tasks import DRAINS, tasks

if TYPE_CHECKING:
    from isthmus_gcp.infra.function import Function

ENQUEUER = Node("enqueuer", cloudtasks.QueueIamMember)
ACCOUNT_ACCESS = Node("account_access", serviceaccount.IAMMember)

CHILDREN = (ENQUEUER, ACCOUNT_ACCESS)

ENQUEUE = "roles/cloudtasks.enqueuer"
"""To create tasks, and nothing else: https://cloud.google.com/tasks/docs/reference-access-control#cloudtasks.enqueuer."""

SIGN = "roles/iam.serviceAccountTokenCreator"
"""To sign addresses of objects by its own account: https://cloud.google.com/storage/docs/access-control/signing-urls-with-helpers."""

ACT_AS = "roles/iam.serviceAccountUser"
"""To have a task signed by it: https://cloud.google.com/tasks/docs/creating-http-target-tasks#token."""

IDENTIFY = "roles/iam.serviceAccountOpenIdTokenCreator"
"""To sign pushes by it. Pub/Sub's page names `serviceAccountTokenCreator`, for projects that had Pub/Sub before April
2021; of that it needs the identity token alone.

https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions, https://cloud.google.com/iam/docs/roles-permissions/iam
"""


def grant_all(owner: Function, specification: Specification) -> None:
    """Grant what a function needs of its own account and of Cloud Tasks."""
    if specification.tasks:
        shared = tasks(owner.deployment).queue
        _let_enqueue(owner, shared, "tasks")
    if specification.drains > 1:
        _let_enqueue(owner, owner.nodes[DRAINS.role], "drains")
    if specification.tasks or specification.drains > 1:
        _let_act(owner, owner.account.member, ACT_AS, "self")
    if any(not way.pulled for way in specification.ways):
        given = agent(owner.deployment, "pubsub")
        arguments = {"service_account_id": owner.account.account.name, "role": IDENTIFY, "member": given.member}
        owner.child(ACCOUNT_ACCESS, arguments, of="pubsub", depends_on=[given.identity])
    if any(link.kind == "bucket" for link in specification.identity.links.values()):
        _let_act(owner, owner.account.member, SIGN, "signer")
    if SENT in specification.variables:
        let_remember(owner.deployment, owner.name)


def _let_enqueue(owner: Function, queue: cloudtasks.Queue, of: str) -> None:
    arguments = {
        "project": owner.project,
        "location": owner.region,
        "name": queue.name,
        "role": ENQUEUE,
        "member": owner.account.member,
    }
    owner.child(ENQUEUER, arguments, of=of, depends_on=[owner.account.account])


def _let_act(owner: Function, member: str, role: str, of: str) -> None:
    arguments = {"service_account_id": owner.account.account.name, "role": role, "member": member}
    owner.child(ACCOUNT_ACCESS, arguments, of=of)
