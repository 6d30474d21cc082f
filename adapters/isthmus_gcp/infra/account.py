"""A service account: who a function is, and who a trigger of Eventarc's is.

https://cloud.google.com/iam/docs/best-practices-service-accounts#single-purpose
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_gcp import serviceaccount

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.function_args import FunctionArgs
from isthmus_gcp.infra.roster import roster
from isthmus_gcp.names import account_name

ACCOUNT = Node("account", serviceaccount.Account)

_DISPLAYED = 100
"""https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts#ServiceAccount"""


class Account(GoogleComponent[ComponentArgs]):
    """The account of the function `name`, without any permission: what may be done is granted at what it is done to."""

    token = "isthmus:gcp:Account"
    children = (ACCOUNT,)

    def __init__(self, name: str, deployment: Deployment, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        plan = deployment.plan
        super().__init__(name, ComponentArgs(nodes=nodes), deployment)
        arguments = {
            "project": self.project,
            "account_id": account_name(plan.app, plan.target, name),
            "display_name": f"{plan.app.name} {plan.target.stage} {name}"[:_DISPLAYED],
        }
        self.email = email_of(plan, name)
        self.account = self.child(ACCOUNT, arguments)
        self.done(email=self.email)

    @property
    def member(self) -> str:
        """Who it is in a policy."""
        return f"serviceAccount:{self.email}"


def account(deployment: Deployment, name: str) -> Account:
    """Return the account of a function, or of another that acts in the app, made once."""
    return deployment.once(("account", name), lambda: Account(name, deployment, _nodes(deployment, name)))


def _nodes(deployment: Deployment, name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the raw arguments that the function of that name has for its account."""
    known = roster(deployment).get(name)
    if known is None:
        return {}
    nodes = FunctionArgs.of(known.deployable.function, deployment.plan).nodes
    return {role: raw for role, raw in nodes.items() if role == ACCOUNT.role}


def caller_of(function: str) -> str:
    """Return the name of the account by which Eventarc calls a function: it may receive events, which no other may."""
    return f"{function}-events"


def gateway_of(api: str) -> str:
    """Return the name of the account by which API Gateway calls the functions of an api."""
    return f"{api}-gateway"


def email_of(plan: Plan, name: str) -> str:
    """Return the address of an account, which is known from its name: links may be mutual."""
    return f"{account_name(plan.app, plan.target, name)}@{plan.target.account}.iam.gserviceaccount.com"
