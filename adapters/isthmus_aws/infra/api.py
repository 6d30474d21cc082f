"""An HTTP API of API Gateway: a route for each declared one, and a function of the adapter's own for all else."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pulumi
from pulumi_aws import apigatewayv2, cloudwatch, lambda_

from isthmus.components.component import Component, Node, check_nodes
from isthmus.components.whole_api import parts_of
from isthmus.declarations import api as declarations
from isthmus.declarations.api import Cors
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra import api_functions
from isthmus_aws.infra.api_args import ApiArgs, GatewayRoute, check, guarded, routes_of
from isthmus_aws.infra.function import Function

API = Node("api", apigatewayv2.Api)
LOGS = Node("logs", cloudwatch.LogGroup)
STAGE = Node("stage", apigatewayv2.Stage)
INTEGRATION = Node("integration", apigatewayv2.Integration)
ROUTE = Node("route", apigatewayv2.Route)
PERMISSION = Node("permission", lambda_.Permission)
AUTHORIZER = Node("authorizer", apigatewayv2.Authorizer)

REST = "$default"
"""The route of what no other takes, and the stage whose name is no part of the address."""

_MOST_PERMISSIONS = 30

ACCESS_LOG = json.dumps(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "route": "$context.routeKey",
        "path": "$context.path",
        "status": "$context.status",
        "bytes": "$context.responseLength",
        "ms": "$context.responseLatency",
        "integrationMs": "$context.integration.latency",
        "error": "$context.error.message",
        "integrationError": "$context.integrationErrorMessage",
        "authorizerError": "$context.authorizer.error",
    }
)
"""A line of the access log: neither the query string nor a header of the request, which hold tokens and names.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""


class Api(Component[ApiArgs]):
    """An HTTP API with its `$default` stage, reached at `url`; `functions` are those that answer, by name."""

    token = "isthmus:aws:Api"
    takes = ApiArgs
    children = (API, LOGS, STAGE, INTEGRATION, ROUTE, PERMISSION, AUTHORIZER)

    @classmethod
    def ready(cls, declared: declarations.Api, plan: Plan) -> None:
        """Raise what would stop the API, or one of its own functions, from being made."""
        args = ApiArgs.of(declared, plan)
        check_nodes(f"api {declared.name!r}", args, cls.children, _roles(declared))
        check(declared, args)
        own = [api_functions.rest, api_functions.whole] if args.functions == "one" else [api_functions.rest]
        for made in own if declared.routes else ():
            function, identity = made(declared, plan)
            Function.ready(function, plan, identity)

    def __init__(self, declared: declarations.Api, deployment: Deployment) -> None:
        args = ApiArgs.of(declared, deployment.plan)
        super().__init__(declared.name, args, deployment, tags=declared.tags)
        self.api = self._gateway(declared)
        self.functions = self._functions(declared)
        self._integrations: dict[str, apigatewayv2.Integration] = {}
        authorizer = self._authorizer() if args.jwt else None
        asking = guarded(declared, args.jwt)
        for route in routes_of(declared):
            asks = self._asks(authorizer) if route.declared in asking else {}
            self._route(route.key, self.functions[route.function], asks)
        self.rest = self._rest(declared) if declared.routes else None  # else the gateway itself answers 404
        self._admit(declared)
        self._open()
        self.url = self.api.api_endpoint
        self.done(url=self.url)

    def _gateway(self, declared: declarations.Api) -> apigatewayv2.Api:
        cors = {"cors_configuration": _cors(declared.cors)} if declared.cors else {}
        return self.child(API, {"name": self.deployment.physical(declared), "protocol_type": "HTTP", **cors})

    def _functions(self, declared: declarations.Api) -> dict[str, Function]:
        parts = parts_of(declared)
        if parts and self.args.functions == "one":
            function, identity = api_functions.whole(declared, self.deployment.plan)
            made = Function(function, self.deployment, identity=identity, parent=self)
            return {part.name: made for part in parts}
        return {part.name: self.deployment.component(part) for part in parts}

    def _rest(self, declared: declarations.Api) -> Function:
        function, identity = api_functions.rest(declared, self.deployment.plan)
        rest = Function(function, self.deployment, identity=identity, parent=self)
        self._route(REST, rest, {})
        return rest

    def _route(self, key: str, function: Function, asks: dict[str, Any]) -> None:
        target = self._integration(function).id.apply("integrations/{}".format)
        self.child(ROUTE, {"api_id": self.api.id, "route_key": key, "target": target, **asks}, of=key)

    def _admit(self, declared: declarations.Api) -> None:
        """Let the gateway call each function for its own routes: for any of the api, where they are too many to name.

        A function's policy is 20 KB at most: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
        """
        routes: dict[str, list[GatewayRoute]] = {}
        for route in routes_of(declared):
            routes.setdefault(self.functions[route.function].name, []).append(route)
        for function in {made.name: made for made in self.functions.values()}.values():
            if len(routes[function.name]) > _MOST_PERMISSIONS:
                self._permit(function, function.name, "*")
                continue
            for route in routes[function.name]:
                self._permit(function, route.key, _pattern(route))
        if self.rest:
            self._permit(self.rest, REST, REST)

    def _permit(self, function: Function, of: str, pattern: str) -> None:
        source = pulumi.Output.concat(self.api.execution_arn, "/*/", pattern)
        permission = function.permission("apigateway", source=source, statement=self._statement(of))
        self.child(PERMISSION, permission, of=of)

    def _integration(self, function: Function) -> apigatewayv2.Integration:
        if function.name not in self._integrations:
            arguments = {
                "api_id": self.api.id,
                "integration_type": "AWS_PROXY",
                "integration_uri": function.invoke_arn,
                "payload_format_version": "2.0",
            }
            self._integrations[function.name] = self.child(INTEGRATION, arguments, of=function.name)
        return self._integrations[function.name]

    def _statement(self, key: str) -> str:
        """Return what tells a permission apart from others of the function: letters, digits, - and _."""
        digest = hashlib.sha256(f"{self.name} {key}".encode()).hexdigest()[:8]
        return f"{re.sub('[^A-Za-z0-9]+', '-', f'{self.name} {key}').strip('-')[:80]}-{digest}"

    def _authorizer(self) -> apigatewayv2.Authorizer:
        """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html"""
        jwt = self.args.jwt
        arguments = {
            "api_id": self.api.id,
            "name": "jwt",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "jwt_configuration": {"issuer": jwt["issuer"], "audiences": list(jwt["audience"])},
        }
        return self.child(AUTHORIZER, arguments)

    def _asks(self, authorizer: apigatewayv2.Authorizer | None) -> dict[str, Any]:
        if authorizer is None:
            return {}
        asks: dict[str, Any] = {"authorization_type": "JWT", "authorizer_id": authorizer.id}
        scopes = self.args.jwt.get("scopes")
        return {**asks, "authorization_scopes": list(scopes)} if scopes else asks

    def _open(self) -> None:
        """Make the stage: what is changed is deployed at once, and every request is logged.

        The name of the log group begins so that API Gateway need not add each group to a policy of limited size.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
        """
        physical = self.nodes[API.role].name
        group = pulumi.Output.concat("/aws/vendedlogs/apis/", physical)
        logs = self.child(LOGS, {"name": group, "retention_in_days": self.args.log_retention})
        limits = {"throttling_burst_limit": self.args.burst, "throttling_rate_limit": self.args.rate}
        throttling = {"default_route_settings": limits} if self.args.burst is not None else {}
        arguments = {
            "api_id": self.api.id,
            "name": REST,
            "auto_deploy": True,
            "access_log_settings": {"destination_arn": logs.arn, "format": ACCESS_LOG},
            **throttling,
        }
        self.child(STAGE, arguments)


def _roles(declared: declarations.Api) -> list[str]:
    """Return the roles that an API's routes and functions play."""
    keys = [*(route.key for route in routes_of(declared)), REST]
    functions = [*(part.name for part in parts_of(declared)), *api_functions.own_names(declared)]
    of = {ROUTE: keys, PERMISSION: [*keys, *functions], INTEGRATION: functions}
    return [f"{node.role}-{name}" for node, names in of.items() for name in names]


def _pattern(route: GatewayRoute) -> str:
    """Return what a permission names a route by: a parameter is any text."""
    method = "*" if route.method == "ANY" else route.method
    return f"{method}{re.sub(r'{[^}]*}', '*', route.path)}"


def _cors(cors: Cors) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"""
    return {
        "allow_origins": list(cors.origins),
        "allow_methods": list(cors.methods),
        "allow_headers": list(cors.headers),
        "expose_headers": list(cors.expose),
        "allow_credentials": cors.credentials,
        "max_age": cors.max_age,
    }
