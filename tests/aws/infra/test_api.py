"""The component of an HTTP API, and what API Gateway is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from isthmus.declarations.api import Api, Cors
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.links import FILE, VARIABLE
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT, HANDLERS, REGION, Deployed

EXECUTION = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc"
ISSUER = {"issuer": "https://login.example.com", "audience": ["shop"]}


def two_routes(api: Api) -> None:
    api.route("GET /orders/{id}", f"{HANDLERS}.answer", name="Read")
    api.route("POST /orders", f"{HANDLERS}.other", name="Create")


def shop(
    transform: Any = None, routes: Callable[[Api], object] = two_routes, **options: Any
) -> Callable[[Target], App]:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        api = app.api("Api", transform=transform, **options)
        routes(api)
        app.output(url=api.url)
        return app

    return app


def keys(found: Deployed) -> list[str]:
    return sorted(route.inputs["routeKey"] for route in found.of("route:Route"))


def identity(found: Deployed, function: str) -> dict[str, Any]:
    variables = found.named(f"{function}-function").inputs["environment"]["variables"]
    document: dict[str, Any] = json.loads(variables["ISTHMUS"])
    return document


def test_each_declared_route_is_one_and_a_get_has_a_head_beside_it() -> None:
    found = deployed(shop())

    assert keys(found) == ["$default", "GET /orders/{id}", "HEAD /orders/{id}", "POST /orders"]
    assert sorted(f.name for f in found.of("function:Function")) == [
        "Api-rest-function",
        "Create-function",
        "Read-function",
    ]


def test_a_head_of_its_own_stays_the_only_one() -> None:
    def routes(api: Api) -> None:
        api.route("GET /page", f"{HANDLERS}.answer", name="Page")
        api.route("HEAD /page", f"{HANDLERS}.other", name="Head")
        api.route("ANY /any/{path+}", f"{HANDLERS}.other", name="Any")

    found = deployed(shop(routes=routes))

    assert keys(found) == ["$default", "ANY /any/{path+}", "GET /page", "HEAD /page"]


def test_a_route_leads_to_its_function() -> None:
    found = deployed(shop())
    integration = found.named("Api-integration-Create").inputs
    name = found.named("Create-function").inputs["name"]

    assert integration["integrationType"] == "AWS_PROXY"
    assert integration["payloadFormatVersion"] == "2.0"
    assert integration["integrationUri"].endswith(f"functions/{name}/invocations")
    assert found.named("Api-route-POST /orders").inputs["target"] == "integrations/Api-integration-Create-id"
    assert found.named("Api-route-HEAD /orders/{id}").inputs["target"] == "integrations/Api-integration-Read-id"


def test_the_gateway_may_call_a_function_for_its_own_routes_alone() -> None:
    def routes(api: Api) -> None:
        two_routes(api)
        api.route("ANY /files/{path+}", f"{HANDLERS}.other", name="Files")

    found = deployed(shop(routes=routes))
    permissions = [permission.inputs for permission in found.of("permission:Permission")]

    assert sorted(permission["sourceArn"] for permission in permissions) == [
        f"{EXECUTION}/*/$default",
        f"{EXECUTION}/*/*/files/*",
        f"{EXECUTION}/*/GET/orders/*",
        f"{EXECUTION}/*/HEAD/orders/*",
        f"{EXECUTION}/*/POST/orders",
    ]
    assert {permission["sourceAccount"] for permission in permissions} == {ACCOUNT}
    assert {permission["principal"] for permission in permissions} == {"apigateway.amazonaws.com"}
    assert len({permission["statementId"] for permission in permissions}) == 5


def test_a_function_of_many_routes_is_open_to_the_whole_api_since_its_policy_has_no_room_for_each() -> None:
    def routes(api: Api) -> None:
        read = api.route("POST /a0", f"{HANDLERS}.answer", name="Read")
        for number in range(1, 40):
            api.route(f"POST /a{number}", read)

    permissions = deployed(shop(routes=routes)).of("permission:Permission")

    assert sorted(p.inputs["sourceArn"] for p in permissions) == [f"{EXECUTION}/*/$default", f"{EXECUTION}/*/*"]


def test_a_function_with_warm_instances_is_called_by_its_alias() -> None:
    def routes(api: Api) -> None:
        api.route("GET /", f"{HANDLERS}.answer", name="Home", min_instances=1)

    found = deployed(shop(routes=routes))

    assert found.named("Api-permission-GET /").inputs["qualifier"] == "live"
    assert found.named("Api-integration-Home").inputs["integrationUri"].endswith("functions/live/invocations")


def test_what_has_no_route_goes_to_a_function_that_knows_all_routes() -> None:
    found = deployed(shop(body_limit=1000))
    rest = identity(found, "Api-rest")

    assert rest["routes"] == {"GET /orders/{p0}": "", "POST /orders": ""}
    assert rest["triggers"] == ["http"]
    assert rest["body_limit"] == 1000
    assert rest["handler"] == ""
    assert found.named("Api-route-$default").inputs["target"] == "integrations/Api-integration-Api-rest-id"


def test_it_is_told_of_all_routes_in_few_words_for_variables_have_little_room() -> None:
    def routes(api: Api) -> None:
        api.route("GET /shops/{shop}/files/{path+}", f"{HANDLERS}.answer", name="Get")
        api.route("PUT /shops/{id}/files/{name+}", f"{HANDLERS}.other", name="Put")

    rest = identity(deployed(shop(routes=routes)), "Api-rest")

    assert rest["routes"] == {"GET,PUT /shops/{p0}/files/{p1+}": ""}


def test_cors_is_the_gateways_own() -> None:
    cors = Cors(origins=["https://example.com"], expose=["x-total"], credentials=True, max_age=60)
    found = deployed(shop(cors=cors)).named("Api-api").inputs["corsConfiguration"]

    assert found["allowOrigins"] == ["https://example.com"]
    assert found["exposeHeaders"] == ["x-total"]
    assert found["allowCredentials"] is True
    assert found["maxAge"] == 60
    assert "corsConfiguration" not in deployed(shop()).named("Api-api").inputs


def test_requests_are_logged_without_their_query_or_their_headers() -> None:
    found = deployed(shop({"log_retention": 7}))
    stage, logs = found.named("Api-stage").inputs, found.named("Api-logs").inputs
    line = json.loads(stage["accessLogSettings"]["format"])

    assert stage["name"] == "$default"
    assert stage["autoDeploy"] is True
    assert logs["retentionInDays"] == 7
    assert logs["name"].startswith("/aws/vendedlogs/apis/shop-dev-Api-")
    assert line["route"] == "$context.routeKey"
    assert not any("query" in value.lower() or "authorization" in value.lower() for value in line.values())


def test_requests_are_throttled_where_both_limits_are_given() -> None:
    stage = deployed(shop({"burst": 50, "rate": 20.5})).named("Api-stage").inputs

    assert stage["defaultRouteSettings"] == {"throttlingBurstLimit": 50, "throttlingRateLimit": 20.5}
    assert "defaultRouteSettings" not in deployed(shop()).named("Api-stage").inputs
    assert "burst and rate are given together" in refused(shop({"burst": 50}))


def test_a_token_is_asked_for_on_the_chosen_routes() -> None:
    jwt = {**ISSUER, "routes": ["GET /orders/{id}"], "scopes": ["read"]}
    found = deployed(shop({"jwt": jwt}))
    asked = {route.inputs["routeKey"]: route.inputs.get("authorizationType") for route in found.of("route:Route")}
    authorizer = found.named("Api-authorizer").inputs

    assert authorizer["jwtConfiguration"] == {"issuer": ISSUER["issuer"], "audiences": ["shop"]}
    assert asked == {"GET /orders/{id}": "JWT", "HEAD /orders/{id}": "JWT", "POST /orders": None, "$default": None}
    assert found.named("Api-route-GET /orders/{id}").inputs["authorizationScopes"] == ["read"]
    assert found.named("Api-route-GET /orders/{id}").inputs["authorizerId"] == "Api-authorizer-id"


def test_a_token_is_asked_for_on_every_route_where_none_is_named() -> None:
    found = deployed(shop({"jwt": ISSUER}))

    assert [r.inputs["routeKey"] for r in found.of("route:Route") if "authorizerId" not in r.inputs] == ["$default"]


@pytest.mark.parametrize(
    ("transform", "told"),
    [
        ({"jwt": {**ISSUER, "routes": ["GET /order/{id}"]}}, "did you mean 'GET /orders/{id}'?"),
        ({"jwt": {"audience": ["shop"]}}, "names its issuer"),
        ({"jwt": {**ISSUER, "issuer": "http://login.example.com"}}, "an https:// address"),
        ({"jwt": {**ISSUER, "scope": ["read"]}}, "did you mean 'scopes'?"),
        ({"functions": "two"}, "'per-route' or 'one'"),
        ({"nodes": {"route-POST /orders": {"rout_key": "x"}}}, "Route takes no 'rout_key': did you mean 'route_key'?"),
        ({"nodes": {"route-GET /order": {}}}, "did you mean 'route-GET /orders/{id}'?"),
        ({"function": {"memry": 1}}, "did you mean 'memory'?"),
    ],
)
def test_an_api_that_cannot_be_is_refused_before_anything_is_registered(transform: Any, told: str) -> None:
    assert told in refused(shop(transform))


def test_more_routes_than_fit_into_the_variables_of_the_function_for_the_rest_go_into_its_bundle() -> None:
    def routes(api: Api) -> None:
        read = api.route("POST /a", f"{HANDLERS}.answer", name="Read")
        for number in range(1, 90):
            api.route(f"POST /a-rather-long-path-that-says-a-great-deal/of/number/{number}", read)

    found = deployed(shop(routes=routes))

    assert found.named("Api-rest-function").inputs["environment"]["variables"] == {VARIABLE: FILE}
    assert identity(found, "Read")["handler"] == f"{HANDLERS}.answer"


def test_one_function_answers_for_a_whole_api_with_the_links_of_all() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        greeting, farewell = app.parameter("Greeting", "hello"), app.parameter("Farewell", "bye")
        api = app.api("Api", transform={"functions": "one", "function": {"architecture": "arm64"}})
        api.route("GET /a", f"{HANDLERS}.answer", name="A", memory=1024, link=[greeting])
        api.route("POST /b", f"{HANDLERS}.other", name="B", timeout=20, link=[farewell], environment={"MODE": "x"})
        return app

    found = deployed(app)
    made = found.named("Api-all-function").inputs
    told = identity(found, "Api-all")

    assert sorted(name for name in found.names if name.endswith("-function")) == [
        "Api-all-function",
        "Api-rest-function",
    ]
    assert (made["memorySize"], made["timeout"], made["architectures"]) == (1024, 30, ["arm64"])
    assert made["environment"]["variables"]["MODE"] == "x"
    assert told["routes"] == {"GET /a": f"{HANDLERS}.answer", "POST /b": f"{HANDLERS}.other"}
    assert sorted(told["links"]) == ["Farewell", "Greeting"]
    assert keys(found) == ["$default", "GET /a", "HEAD /a", "POST /b"]


def test_a_function_of_one_for_all_that_is_needed_elsewhere_is_made_as_well() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        api = app.api("Api", transform={"functions": "one"})
        a = api.route("GET /a", f"{HANDLERS}.answer", name="A")
        api.route("GET /b", f"{HANDLERS}.other", name="B")
        app.function("Caller", f"{HANDLERS}.work", link=[a])
        return app

    made = sorted(name for name in deployed(app).names if name.endswith("-function"))

    assert made == ["A-function", "Api-all-function", "Api-rest-function", "Caller-function"]


def test_two_values_of_one_variable_cannot_be_in_one_function() -> None:
    def routes(api: Api) -> None:
        api.route("GET /a", f"{HANDLERS}.answer", name="A", environment={"MODE": "x"})
        api.route("GET /b", f"{HANDLERS}.other", name="B", environment={"MODE": "y"})

    assert "'MODE' cannot have two values" in refused(shop({"functions": "one"}, routes))


@pytest.mark.parametrize("functions", ["per-route", "one"])
def test_an_api_without_routes_is_the_gateway_alone(functions: str) -> None:
    found = deployed(shop({"functions": functions}, lambda _api: None))

    assert found.names == ["Api", "Api-api", "Api-logs", "Api-stage"]


def test_the_address_is_an_output() -> None:
    assert deployed(shop()).outputs == {"url": "https://abc.execute-api.test"}


def test_a_node_override_reaches_one_route_or_all() -> None:
    transform = {"nodes": {"route": {"operation_name": "all"}, "route-POST /orders": {"operation_name": "create"}}}
    found = deployed(shop(transform))

    assert found.named("Api-route-POST /orders").inputs["operationName"] == "create"
    assert found.named("Api-route-GET /orders/{id}").inputs["operationName"] == "all"


def test_a_preview_registers_what_a_deployment_does() -> None:
    assert deployed(shop(), preview=True).names == deployed(shop()).names
