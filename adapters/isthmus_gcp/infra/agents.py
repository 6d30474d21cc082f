"""Google's own service accounts in the project, of which some need permissions: a service's agent.

https://cloud.google.com/iam/docs/service-agents
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import organizations, projects, storage

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.enabled import enabled

IDENTITY = Node("identity", projects.ServiceIdentity)
MEMBER = Node("member", projects.IAMMember, stays=True)  # the agent is the project's: other stages need it as well

ROLES: Mapping[str, str] = {"eventarc": "roles/eventarc.serviceAgent"}
"""What an agent may do in the project that has been asked for, and not made by the service's first use.

https://cloud.google.com/eventarc/standard/docs/access-control#service-agent
"""


class Agent(GoogleComponent[ComponentArgs]):
    """The agent of a service: a project does not have it before the service is used, unless it is asked for.

    `there` is what is to be there before the service is used.
    """

    token = "isthmus:gcp:Agent"
    children = (IDENTITY, MEMBER)

    def __init__(self, service: str, deployment: Deployment) -> None:
        super().__init__(service, ComponentArgs(), deployment)
        arguments = {"project": self.project, "service": f"{service}.googleapis.com"}
        self.identity = self.child(IDENTITY, arguments, depends_on=[enabled(deployment, service)])
        address = f"@gcp-sa-{service}.iam.gserviceaccount.com"
        self.member = pulumi.Output.concat("serviceAccount:service-", project_number(deployment), address)
        self.there: list[pulumi.Resource] = [self.identity]
        if service in ROLES:
            granted = {"project": self.project, "role": ROLES[service], "member": self.member}
            self.there.append(self.child(MEMBER, granted, depends_on=[self.identity]))
        self.done()


def agent(deployment: Deployment, service: str) -> Agent:
    """Return the agent of a service such as "pubsub", made once."""
    return deployment.once(("agent", service), lambda: Agent(service, deployment))


def storage_agent(deployment: Deployment) -> pulumi.Output[str]:
    """Return who tells a topic of a bucket's events: Cloud Storage makes it for a project when it is first asked for.

    https://cloud.google.com/storage/docs/projects#service-agents
    """
    return deployment.once("storage agent", lambda: _storage_agent(deployment))


def _storage_agent(deployment: Deployment) -> pulumi.Output[str]:
    after = pulumi.InvokeOutputOptions(depends_on=[enabled(deployment, "storage")])
    project = deployment.plan.target.account
    return storage.get_project_service_account_output(project=project, opts=after).member


def project_number(deployment: Deployment) -> pulumi.Output[str]:
    """Return the number of the project, by which agents are named."""
    project = deployment.plan.target.account
    return deployment.once("number", lambda: organizations.get_project_output(project_id=project).number)
