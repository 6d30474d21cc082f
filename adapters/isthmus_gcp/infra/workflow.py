"""A workflow on Google Workflows: its account, its source, and what it may call.

Workflows has no policy of a single workflow: who may start one may start all of the project's.
https://cloud.google.com/workflows/docs/access-control
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_gcp import cloudrunv2, pubsub, workflows

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import workflow as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus.wiring import workflow_targets
from isthmus.workflows.names import Target
from isthmus_gcp.infra.account import account
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.deployables import deployables
from isthmus_gcp.infra.function import INVOKE, Function
from isthmus_gcp.infra.integrations import function_name, integrates
from isthmus_gcp.infra.known_as import known_name
from isthmus_gcp.infra.roster import linked
from isthmus_gcp.infra.topics import PUBLISH
from isthmus_gcp.infra.workflow_access import LOG, RUN, let, roles_of
from isthmus_gcp.infra.workflow_calls import WorkflowCalls
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.source import Source

WORKFLOW = Node("workflow", workflows.Workflow, holds_data=True)  # executions, which may last for a year
INVOKER = Node("invoker", cloudrunv2.ServiceIamMember)
PUBLISHER = Node("publisher", pubsub.TopicIAMMember)


@dataclass(frozen=True, kw_only=True)
class WorkflowArgs(ComponentArgs):
    """A workflow, besides what its declaration says; `logs` is which calls are logged.

    https://cloud.google.com/workflows/docs/reference/rest/v1/projects.locations.workflows#CallLogLevel
    """

    logs: Literal["LOG_ERRORS_ONLY", "LOG_ALL_CALLS", "LOG_NONE"] = "LOG_ERRORS_ONLY"

    @classmethod
    def of(cls, declared: declarations.Workflow, plan: Plan) -> WorkflowArgs:
        """Return the arguments of a declared workflow, after the transforms."""
        return settled(cls, declared, plan, {})


class Workflow(GoogleComponent[WorkflowArgs]):
    """A workflow with an account of its own, which may call what its definition calls and nothing else."""

    token = "isthmus:gcp:Workflow"
    children = (WORKFLOW, INVOKER, PUBLISHER)
    takes = WorkflowArgs

    def __init__(self, declared: declarations.Workflow, deployment: Deployment) -> None:
        super().__init__(declared.name, WorkflowArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self.account = account(deployment, declared.name)
        self.source = compiled(declared, deployment.plan)
        deployment.begun(declared, self)  # workflows may start each other
        admitted = self._admit(declared)
        arguments = {
            "project": self.project,
            "region": self.region,
            "name": self.physical,
            "source_contents": self.source.text,
            "service_account": self.account.email,
            "call_log_level": self.args.logs,
            "deletion_protection": self.keeps_data,
        }
        path = f"projects/{self.project}/locations/{self.region}/workflows/{self.physical}"
        self.workflow = self.child(WORKFLOW, arguments, adopt=path, depends_on=[self.account.account, *admitted])
        self._let_use(declared)
        self.done(name=self.physical)

    def _admit(self, declared: declarations.Workflow) -> list[pulumi.Resource]:
        """Let it do what its definition says; what it may do is there before it is."""
        made: dict[str, pulumi.Resource] = {}
        if self.args.logs != "LOG_NONE":
            made[LOG] = let(self.deployment, self.name, LOG)
        for target in workflow_targets(declared):
            if integrates(target):
                name = function_name(declared)
                self._let_call(made, name, self._integrating(name))
            elif target.resource is not None:
                self._let_reach(made, target)
        return list(made.values())

    def _let_reach(self, made: dict[str, pulumi.Resource], target: Target) -> None:
        resource = target.resource
        if resource.kind == "function":
            self._let_call(made, resource.name, self.deployment.component(resource))
        elif resource.kind == "workflow":
            made[RUN] = let(self.deployment, self.name, RUN)
        elif resource.name not in made:
            made[resource.name] = self._let_publish(resource.name, self.deployment.component(resource).topic)

    def _integrating(self, name: str) -> Function:
        deployable = deployables(self.deployment.plan)[name]
        return self.deployment.once(("function", name), lambda: Function(deployable, self.deployment))

    def _let_call(self, made: dict[str, pulumi.Resource], name: str, called: Function) -> None:
        if name in made:
            return
        arguments = {
            "project": self.project,
            "location": self.region,
            "name": called.physical,
            "role": INVOKE,
            "member": self.account.member,
        }
        before = [called.function, self.account.account]
        made[name] = self.child(INVOKER, arguments, of=known_name(self, name), depends_on=before)

    def _let_publish(self, name: str, topic: pubsub.Topic) -> pulumi.Resource:
        arguments = {"project": self.project, "topic": topic.name, "role": PUBLISH, "member": self.account.member}
        return self.child(PUBLISHER, arguments, of=known_name(self, name), depends_on=[self.account.account])

    def _let_use(self, declared: declarations.Workflow) -> None:
        """Let the functions that are linked to it start, read, stop it, and complete its tasks."""
        for name, verbs in linked(self.deployment, declared):
            for role in roles_of(verbs):
                let(self.deployment, name, role)


def compiled(declared: declarations.Workflow, plan: Plan) -> Source:
    """Return what Google Workflows runs of a declared workflow; `RefusedError` has all reasons why it cannot."""
    assert declared.parsed is not None, "the plan has refused a definition that cannot be read"
    return compile_workflow(declared.parsed, WorkflowCalls(declared, plan.app, plan.target))
