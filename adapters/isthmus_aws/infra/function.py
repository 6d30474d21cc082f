"""A function on Lambda: its role, its log group, its code, and an alias where instances are kept warm."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from isthmus.components.component import Component, Node, check_nodes
from isthmus.declarations import function as declarations
from isthmus.deployment import Deployment
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus_aws.infra import url
from isthmus_aws.infra.arns import ALIAS
from isthmus_aws.infra.bundle import Bundle, bundle_of
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.infra.grants import log_group
from isthmus_aws.infra.policies import assume_role
from isthmus_aws.infra.role import role_name
from isthmus_aws.infra.specification import Specification, raw_vpc, specify

HANDLER = "isthmus_start.handle"
"""What Lambda calls, in every bundle."""

RETRIES = 2
"""How often Lambda itself tries an asynchronous invocation again, where nobody says otherwise."""


ROLE = Node("role", iam.Role)
POLICY = Node("policy", iam.RolePolicy)
LOGS = Node("logs", cloudwatch.LogGroup)
FUNCTION = Node("function", lambda_.Function)
LIVE = Node("alias", lambda_.Alias)
WARM = Node("warm", lambda_.ProvisionedConcurrencyConfig)
EVENTS = Node("events", lambda_.FunctionEventInvokeConfig)


class Function(Component[FunctionArgs]):
    """A Lambda function: whoever invokes it takes `arn`, or `invoke_arn`, which are the alias's where there is one.

    `identity` is who it is, where it is not simply the declared one.
    """

    token = "isthmus:aws:Function"
    takes = FunctionArgs
    children = (ROLE, POLICY, LOGS, FUNCTION, LIVE, WARM, EVENTS, *url.CHILDREN)

    @classmethod
    def ready(cls, declared: declarations.Function, plan: Plan, identity: Identity | None = None) -> None:
        """Raise what would stop the function from being made."""
        args = specify(declared, plan, identity).args
        check_nodes(f"function {declared.name!r}", args, cls.children, url.ROLES)
        url.check(f"function {declared.name!r}", args.url)

    def __init__(
        self,
        declared: declarations.Function,
        deployment: Deployment,
        *,
        identity: Identity | None = None,
        parent: pulumi.Resource | None = None,
    ) -> None:
        specification = specify(declared, deployment.plan, identity)
        code = bundle_of(deployment, declared.name)
        super().__init__(declared.name, specification.args, deployment, tags=declared.tags, parent=parent)
        self.physical = specification.physical
        self._make(specification, code)

    @property
    def qualifier(self) -> pulumi.Output[str] | None:
        """The alias that is to be invoked; None for the function itself."""
        return self.alias.name if self.alias else None

    @property
    def qualified(self) -> str:
        """The function's fixed name, with its alias where there is one."""
        return f"{self.physical}:{ALIAS}" if self.args.provisioned_concurrency else self.physical

    @property
    def arn(self) -> pulumi.Output[str]:
        """What an event source mapping or a schedule invokes."""
        return self.alias.arn if self.alias else self.function.arn

    @property
    def invoke_arn(self) -> pulumi.Output[str]:
        """What a gateway invokes."""
        return self.alias.invoke_arn if self.alias else self.function.invoke_arn

    def permission(self, service: str, *, source: pulumi.Input[str], statement: str) -> dict[str, Any]:
        """Return the arguments of a `lambda_.Permission`: `service` may invoke it on behalf of `source`, an ARN, alone.

        `statement` tells the permissions of a function apart.
        """
        return {
            "statement_id": statement,
            "action": "lambda:InvokeFunction",
            "function": self.function.name,
            "qualifier": self.qualifier,
            "principal": f"{service}.amazonaws.com",
            "source_arn": source,
            "source_account": self.deployment.plan.target.account,
        }

    def _make(self, specification: Specification, code: Bundle) -> None:
        args = self.args
        # No condition on the source: only who may pass the role can give it to a function, and only of this account.
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
        self.role = self.child(ROLE, {"assume_role_policy": assume_role("lambda"), **role_name(self.name)})
        policy = self.child(POLICY, {"role": self.role.name, "policy": specification.policy})
        self.logs = self.child(LOGS, {"name": log_group(self.physical), "retention_in_days": args.log_retention})
        # The log group is there before the function, which would make one that keeps everything for ever; and what
        # the function may do is there before something invokes it.
        arguments = self._arguments(specification, code)
        self.function = self.child(FUNCTION, arguments, depends_on=[policy, self.logs])
        self.alias = self._keep_warm() if args.provisioned_concurrency else None
        if args.async_retries != RETRIES or args.on_failure:
            self._handle_failures()
        self.url = url.address(self, self.function, self.qualifier) if args.url else None
        self.done(name=self.physical, arn=self.arn, **({"url": self.url} if args.url else {}))

    def _arguments(self, specification: Specification, code: Bundle) -> dict[str, Any]:
        args = self.args
        optional = {
            "reserved_concurrent_executions": args.reserved_concurrency,
            "layers": list(args.layers) or None,
            "vpc_config": raw_vpc(args.vpc) if args.vpc else None,
        }
        return {
            "name": self.physical,
            "role": self.role.arn,
            "runtime": args.runtime,
            "handler": HANDLER,
            "architectures": [args.architecture],
            "code": pulumi.FileArchive(str(code.path.absolute())),
            "source_code_hash": b64encode(bytes.fromhex(code.digest)).decode(),
            "memory_size": args.memory,
            "timeout": args.timeout,
            "publish": bool(args.provisioned_concurrency),  # an alias names a version, never the newest code
            "environment": {"variables": dict(specification.variables)},
            "tracing_config": {"mode": args.tracing},
            "ephemeral_storage": {"size": args.ephemeral_storage},  # left out it would stay what it was
            **{name: value for name, value in optional.items() if value is not None},
        }

    def _keep_warm(self) -> lambda_.Alias:
        """https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html"""
        name, version = self.function.name, self.function.version
        alias = self.child(LIVE, {"name": ALIAS, "function_name": name, "function_version": version})
        count = self.args.provisioned_concurrency
        warm = {"function_name": name, "qualifier": alias.name, "provisioned_concurrent_executions": count}
        self.child(WARM, warm)
        return alias

    def _handle_failures(self) -> None:
        """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""
        failed = {"on_failure": {"destination": self.args.on_failure}} if self.args.on_failure else None
        events = {
            "function_name": self.function.name,
            "qualifier": self.qualifier,
            "maximum_retry_attempts": self.args.async_retries,
            "destination_config": failed,
        }
        self.child(EVENTS, events)
