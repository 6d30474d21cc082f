"""A workflow on Step Functions: its state machine, with a role that may make the calls of its definition, and a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, sfn

from isthmus.components.component import Component, Node, check_nodes
from isthmus.declarations import workflow as declarations
from isthmus.declarations.function import Function
from isthmus.deployment import Deployment
from isthmus.errors import TooLargeError
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.infra.policies import LOG_DELIVERY, SAMPLED_TRACE, Statement, allow, assume_role, document
from isthmus_aws.infra.role import role_name
from isthmus_aws.infra.specification import POLICY_LIMIT
from isthmus_aws.infra.workflow_args import WorkflowArgs
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.distributed import is_distributed
from isthmus_aws.workflow.document import Document
from isthmus_aws.workflow.document import document as written
from isthmus_aws.workflow.permissions import statements
from isthmus_aws.workflow.tasks import CONNECTION

ROLE = Node("role", iam.Role)
POLICY = Node("policy", iam.RolePolicy)
LOGS = Node("logs", cloudwatch.LogGroup)
CONNECTS = Node("connection", cloudwatch.EventConnection)
MACHINE = Node("state_machine", sfn.StateMachine, holds_data=True)  # executions, which may last for a year

HEADER = ("X-Isthmus-Workflow", "1")
"""What requests of HTTP tasks carry: a connection must authorize by something, and nobody else reads this."""


class Workflow(Component[WorkflowArgs]):
    """A state machine; `arn` is what it is started by."""

    token = "isthmus:aws:Workflow"
    children = (ROLE, POLICY, LOGS, CONNECTS, MACHINE)
    takes = WorkflowArgs

    @classmethod
    def ready(cls, declared: declarations.Workflow, plan: Plan) -> None:
        """Raise what would stop the workflow from being made."""
        args = WorkflowArgs.of(declared, plan)
        check_nodes(f"workflow {declared.name!r}", args, cls.children)
        made = _document(declared, plan)
        if made.faults:
            raise TransformError(f"workflow {declared.name!r}: {made.faults[0].pointer}: {made.faults[0].what}")
        _policy(declared, plan, args)

    def __init__(self, declared: declarations.Workflow, deployment: Deployment) -> None:
        plan = deployment.plan
        super().__init__(declared.name, WorkflowArgs.of(declared, plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self._arn = Arns(plan).of(declared)
        policy = self._role(declared)
        self.logs = self.child(LOGS, {"name": log_group(self.physical), "retention_in_days": self.args.log_retention})
        # The role must be able to write the log, and the group be there, before AWS takes the machine.
        arguments = self._arguments(declared, _document(declared, plan))
        self.state_machine = self.child(MACHINE, arguments, adopt=self._arn, depends_on=[policy, self.logs])
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The state machine's ARN."""
        return self.state_machine.arn

    def _role(self, declared: declarations.Workflow) -> iam.RolePolicy:
        """https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy"""
        plan = self.deployment.plan
        runs = "*" if _distributes(declared) else ""  # the ARN of a Map's own executions goes on after a slash
        trust = assume_role("states", account=plan.target.account, source=f"{self._arn}{runs}")
        self.role = self.child(ROLE, {"assume_role_policy": trust, **role_name(self.name)})
        return self.child(POLICY, {"role": self.role.name, "policy": _policy(declared, plan, self.args)})

    def _arguments(self, declared: declarations.Workflow, made: Document) -> dict[str, Any]:
        args = self.args
        group = pulumi.Output.concat(self.logs.arn, ":*")
        logging = {"level": args.log_level, "include_execution_data": args.log_data}
        return {
            "name": self.physical,
            "type": "EXPRESS" if declared.express else "STANDARD",
            "role_arn": self.role.arn,
            "definition": self._connected(declared, made.text) if made.connects else made.text,
            "logging_configuration": {**logging, **({} if args.log_level == "OFF" else {"log_destination": group})},
            "tracing_configuration": {"enabled": args.tracing},
        }

    def _connected(self, declared: declarations.Workflow, definition: str) -> pulumi.Output[str]:
        """Make the connection of HTTP tasks, which has a secret of its own, and put its ARN into the definition."""
        name, value = HEADER
        arguments = {
            "name": _connection(declared, self.deployment.plan),
            "authorization_type": "API_KEY",
            "auth_parameters": {"api_key": {"key": name, "value": value}},
        }
        connection = self.child(CONNECTS, arguments)
        return connection.arn.apply(lambda arn: definition.replace(CONNECTION, arn))


def log_group(workflow: str) -> str:
    """Return the name of a workflow's log group.

    Of the groups below `/aws/vendedlogs/` all together need one entry of the account's resource policies, which have
    little room. https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
    """
    return f"/aws/vendedlogs/states/{workflow}"


def _document(declared: declarations.Workflow, plan: Plan) -> Document:
    return written(declared, _addresses(plan))


def _addresses(plan: Plan) -> Addresses:
    def is_warm(function: Function) -> bool:
        return FunctionArgs.of(function, plan).provisioned_concurrency > 0

    return Addresses(Arns(plan), is_warm)


def _policy(declared: declarations.Workflow, plan: Plan, args: WorkflowArgs) -> str:
    calls = statements(declared, _addresses(plan), _connection(declared, plan))
    text = document([*calls, *_own(args)])
    if len(text) > POLICY_LIMIT:
        hint = "Divide it into several workflows, which one starts and waits for"
        raise TooLargeError(f"the policy of workflow {declared.name!r}", len(text), POLICY_LIMIT, hint)
    return text


def _own(args: WorkflowArgs) -> Iterator[Statement]:
    if args.log_level != "OFF":
        yield allow(LOG_DELIVERY, ["*"])
    if args.tracing:
        yield allow(SAMPLED_TRACE, ["*"])


def _distributes(declared: declarations.Workflow) -> bool:
    return declared.parsed is not None and any(map(is_distributed, declared.parsed.states))


def _connection(declared: declarations.Workflow, plan: Plan) -> str:
    return Arns(plan).name("connection", declared.name)
