"""A function on Cloud Functions: its account, its code, its Cloud Run service, and who may call it."""

from __future__ import annotations

import math
from typing import Any

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, storage

from isthmus.components.component import Node, check_nodes
from isthmus.declarations import function as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.function_address import address
from isthmus_gcp.infra import access, drains
from isthmus_gcp.infra.account import ACCOUNT, account, caller_of, gateway_of
from isthmus_gcp.infra.bundle import Bundle, bundle_of
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.deployables import Deployable, of_declared
from isthmus_gcp.infra.function_args import FunctionArgs
from isthmus_gcp.infra.known_as import known_name
from isthmus_gcp.infra.roster import linked
from isthmus_gcp.infra.source import source
from isthmus_gcp.infra.specification import DRAINS, TASKS, Specification, specify
from isthmus_gcp.infra.tasks import path_of, tasks

CODE = Node("code", storage.BucketObject)
FUNCTION = Node("function", cloudfunctionsv2.Function)
INVOKER = Node("invoker", cloudrunv2.ServiceIamMember)

ENTRY_POINT = "handle"
"""What functions-framework calls, in every bundle's `main.py`."""

INVOKE = "roles/run.invoker"
"""https://cloud.google.com/run/docs/reference/iam/roles#run.invoker"""

EVERYBODY = "allUsers"

_GRACE = 2
"""Seconds that Cloud Run waits longer than the function itself, so that the function's own answer comes first."""

_LONGEST = 3600


class Function(GoogleComponent[FunctionArgs]):
    """A function behind its Cloud Run service, private unless an api answers by it; `address` is where it is called."""

    token = "isthmus:gcp:Function"
    takes = FunctionArgs
    children = (ACCOUNT, CODE, FUNCTION, INVOKER, *access.CHILDREN, *drains.CHILDREN)

    @classmethod
    def ready(cls, declared: declarations.Function, plan: Plan) -> None:
        """Raise what would stop the function from being made."""
        cls.ready_as(of_declared(declared, plan), plan)

    @classmethod
    def ready_as(cls, deployable: Deployable, plan: Plan) -> None:
        """Raise what would stop a function from being made that is not simply the declared one."""
        check_nodes(f"function {deployable.name!r}", specify(deployable, plan).args, cls.children)

    def __init__(
        self,
        deployable: Deployable,
        deployment: Deployment,
        *,
        parent: pulumi.Resource | None = None,
    ) -> None:
        specification = specify(deployable, deployment.plan)
        code = bundle_of(deployment, deployable.name)
        declared = deployable.function
        super().__init__(declared.name, specification.args, deployment, tags=declared.tags, parent=parent)
        self.physical = specification.physical
        self.account = account(deployment, deployable.name)
        self.address = address(self.project, self.region, self.physical)
        self._make(specification, code)
        self._admit(deployable)
        access.grant_all(self, specification)
        if specification.drains:
            drains.start(self, specification)
        self.done(name=self.physical, url=self.url)

    @property
    def url(self) -> pulumi.Output[str]:
        """The address of the Cloud Run service, whose root is the function's."""
        return self.function.service_config.apply(lambda config: (config.uri if config else "") or "")

    @property
    def callable(self) -> list[pulumi.Resource]:
        """What is to be there before Google calls it by its own account."""
        admitted = (f"{INVOKER.role}-{who}" for who in ("self", "events"))
        return [self.function, *(self.nodes[role] for role in admitted if role in self.nodes)]

    def _make(self, specification: Specification, code: Bundle) -> None:
        bucket = source(self.deployment).bucket
        stored = {
            "bucket": bucket.name,
            "name": f"{self.physical}/{code.digest}.zip",
            "source": pulumi.FileAsset(str(code.path.absolute())),
        }
        self.code = self.child(CODE, stored)
        self.function = self.child(FUNCTION, self._arguments(specification), depends_on=[self.account.account])

    def _arguments(self, specification: Specification) -> dict[str, Any]:
        args = self.args
        stored = {"storage_source": {"bucket": self.code.bucket, "object": self.code.name}}
        return {
            "project": self.project,
            "location": self.region,
            "name": self.physical,
            "build_config": {
                "runtime": args.runtime,
                "entry_point": ENTRY_POINT,
                "source": stored,
                **({"service_account": args.build_account} if args.build_account else {}),
            },
            "service_config": self._service(specification),
        }

    def _service(self, specification: Specification) -> dict[str, Any]:
        args = self.args
        network = {"vpc_connector": args.vpc_connector, "vpc_connector_egress_settings": args.vpc_egress}
        return {
            "service_account_email": self.account.email,
            "available_memory": f"{args.memory}Mi",
            "available_cpu": args.processors,
            "timeout_seconds": min(_LONGEST, math.ceil(args.timeout) + _GRACE),
            "min_instance_count": args.min_instances,
            "max_instance_count": specification.most_instances,
            "max_instance_request_concurrency": specification.threads,
            "ingress_settings": args.ingress,
            "all_traffic_on_latest_revision": True,
            "environment_variables": {**specification.variables, **self._queues(specification)},
            **(network if args.vpc_connector else {}),
        }

    def _queues(self, specification: Specification) -> dict[str, pulumi.Output[str]]:
        """Return the variables that name queues of Cloud Tasks, which have Pulumi's names."""
        found: dict[str, pulumi.Output[str]] = {}
        if specification.tasks:
            found[TASKS] = tasks(self.deployment).path
        if specification.drains > 1:
            found[DRAINS] = path_of(self, drains.queue(self, specification.drains))
        return found

    def _admit(self, deployable: Deployable) -> None:
        """Let everybody call it, or a gateway alone; or those that are linked to it, and Google by its own account."""
        if deployable.api is not None:
            self._let_call(EVERYBODY, of="everybody", depends_on=[])
        for api in deployable.gateways:
            caller = account(self.deployment, gateway_of(api.name))
            self._let_call(caller.member, of=f"gateway-{api.name}", depends_on=[caller.account])
        if deployable.answers:
            return
        if set(deployable.identity.triggers) - {"http"}:
            self._let_call(self.account.member, of="self", depends_on=[self.account.account])
        if "table" in deployable.identity.triggers:
            caller = account(self.deployment, caller_of(deployable.name))
            self._let_call(caller.member, of="events", depends_on=[caller.account])
        for name, _verbs in linked(self.deployment, deployable.function):
            caller = account(self.deployment, name)
            if caller is not self.account:
                self._let_call(caller.member, of=known_name(self, name), depends_on=[caller.account])

    def _let_call(self, member: pulumi.Input[str], *, of: str, depends_on: list[pulumi.Resource]) -> None:
        arguments = {
            "project": self.project,
            "location": self.region,
            "name": self.physical,
            "role": INVOKE,
            "member": member,
        }
        self.child(INVOKER, arguments, of=of, depends_on=[self.function, *depends_on])
