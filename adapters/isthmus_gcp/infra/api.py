"""An HTTP API: one public function with the router in it, or a function per route behind API Gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from isthmus.components.component import check_nodes
from isthmus.components.whole_api import parts_of
from isthmus.declarations import api as declarations
from isthmus.declarations.function import Function as DeclaredFunction
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra import gateway, openapi
from isthmus_gcp.infra.api_args import ApiArgs, check
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.deployables import behind_gateway, whole
from isthmus_gcp.infra.function import Function


class Api(GoogleComponent[ApiArgs]):
    """An HTTP API, reached at `url`; `functions` are those that answer, by the name of the declared one.

    An api without routes has nobody to answer for it, and no address.
    """

    token = "isthmus:gcp:Api"
    takes = ApiArgs
    children = gateway.CHILDREN

    @classmethod
    def ready(cls, declared: declarations.Api, plan: Plan) -> None:
        """Raise what would stop the API, or its functions, from being made."""
        args = ApiArgs.of(declared, plan)
        check_nodes(f"api {declared.name!r}", args, cls.children)
        check(declared, args)
        if args.functions == "per-route":
            for part in parts_of(declared):
                Function.ready_as(behind_gateway(part, plan), plan)
        elif declared.routes:
            Function.ready_as(whole(declared, plan), plan)

    def __init__(self, declared: declarations.Api, deployment: Deployment) -> None:
        args = ApiArgs.of(declared, deployment.plan)
        super().__init__(declared.name, args, deployment, tags=declared.tags)
        self.functions: Mapping[str, Function] = {}
        self.url: pulumi.Input[str] = ""
        if declared.routes:
            answer = self._answer_whole if args.functions == "one" else self._answer_behind_gateway
            answer(declared)
        self.done(url=self.url)

    def _answer_whole(self, declared: declarations.Api) -> None:
        made = Function(whole(declared, self.deployment.plan), self.deployment, parent=self)
        self.functions = {part.name: made for part in parts_of(declared)}
        self.url = made.url

    def _answer_behind_gateway(self, declared: declarations.Api) -> None:
        self.functions = {part.name: answering(part, self.deployment) for part in parts_of(declared)}
        addresses = {name: made.address for name, made in self.functions.items()}
        document = openapi.document(declared, self.args.jwt, addresses)
        before: list[Any] = [made.function for made in self.functions.values()]
        physical, region = self.deployment.physical(declared), self.args.region or self.region
        self.url = gateway.open_gateway(self, physical, region, document, before)


def answering(declared: DeclaredFunction, deployment: Deployment) -> Function:
    """Return the component of what answers for a declared function behind a gateway, made once."""
    deployable = behind_gateway(declared, deployment.plan)
    return deployment.once(("function", deployable.name), lambda: Function(deployable, deployment))
