"""An api: one public function for all of it, or a function for each route behind API Gateway."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from isthmus.declarations.api import Cors
from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import Deployed
from tests.gcp.infra.shops import HANDLERS, address, email, follows, identity, member, members, service, shop, variables

INVOKER = "serviceIamMember:ServiceIamMember"
PER_ROUTE: dict[str, Any] = {"functions": "per-route"}
JWT: dict[str, Any] = {"issuer": "https://id.example.com/", "audience": ["shop", "till"], "routes": ["POST /things"]}


def shopping(app: App, **transform: Any) -> None:
    things = app.table("Things", fields={"id": "string"}, primary_index="id")
    api = app.api("Api", cors=Cors(origins=["https://example.com"]), transform={**PER_ROUTE, **transform})
    api.route("GET /things", f"{HANDLERS}.request", name="List", link=[things.read], timeout=20)
    api.route("POST /things", f"{HANDLERS}.anything", name="Add", link=[things.write])
    api.route("GET /files/{path+}", f"{HANDLERS}.anything", name="Files")
    api.route("ANY /any", f"{HANDLERS}.anything", name="Any")


def gateway(**transform: Any) -> Deployed:
    return deployed(shop(lambda app: shopping(app, **transform)))


def document(found: Deployed) -> dict[str, Any]:
    (config,) = found.of("apiConfig:ApiConfig")
    written: dict[str, Any] = json.loads(b64decode(config.inputs["openapiDocuments"][0]["document"]["contents"]))
    return written


def test_one_public_function_answers_for_an_api_without_a_gateway() -> None:
    found = orders()
    (everybody,) = [one for one in found.of(INVOKER) if one.inputs["member"] == "allUsers"]

    assert everybody.inputs["name"] == found.named("Api-all-function").inputs["name"]
    assert found.of("gateway:Gateway") == []


def test_nothing_else_is_public() -> None:
    for found in (orders(), contract()):
        public = [one.name for one in found.resources if "allUsers" in str(one.inputs)]

        assert [name for name in public if not name.endswith("-all-invoker-everybody")] == []
        assert "allAuthenticatedUsers" not in str([one.inputs for one in found.resources])


def test_it_has_the_routes_the_links_of_all_and_takes_requests_alone() -> None:
    known = identity(orders(), "Api-all")

    assert known["triggers"] == ["http"]
    assert known["routes"]["GET /orders/{id}"] == "functions.orders.read"
    assert set(known["links"]) >= {"Orders", "Stock", "Images", "Words", "Reports", "Events", "WebhookKey"}


def test_it_has_the_most_memory_and_time_and_its_own_arguments() -> None:
    def declare(app: App) -> None:
        api = app.api("Api", transform={"function": {"cpu": "4", "max_instances": 3}})
        api.route("GET /a", f"{HANDLERS}.request", memory=256, timeout=60)
        api.route("GET /b", f"{HANDLERS}.anything", memory=2048, timeout=5)

    config = service(deployed(shop(declare)), "Api-all")

    assert (config["availableMemory"], config["timeoutSeconds"]) == ("2048Mi", 62)
    assert (config["availableCpu"], config["maxInstanceCount"]) == ("4", 3)


def test_it_knows_who_may_call_from_a_browser() -> None:
    assert identity(contract(), "Site-all")["cors"]["origins"] == ["https://example.com"]
    assert identity(contract(), "Site-all")["cors"]["credentials"] is True
    assert "cors" not in identity(contract(), "Api-all")


def test_a_public_function_does_not_believe_a_gateways_headers() -> None:
    assert "ISTHMUS_GATEWAY" not in variables(orders(), "Api-all")


def test_an_api_without_routes_makes_nothing() -> None:
    found = deployed(shop(lambda app: app.api("Api")))

    assert found.names == ["Api"]


def test_behind_a_gateway_each_function_may_be_called_by_the_gateways_account_alone() -> None:
    found = gateway()

    assert members(found, INVOKER, "roles/run.invoker") == [member(found, "Api-gateway")] * 4
    for name in ("List", "Add", "Files", "Any"):
        assert variables(found, name)["ISTHMUS_GATEWAY"] == "1"


def test_a_function_behind_a_gateway_has_its_own_links_alone_and_finds_its_routes_itself() -> None:
    found = gateway()

    assert identity(found, "List")["links"]["Things"][2] == ["read"]
    assert "links" in identity(found, "Files")
    assert identity(found, "Files")["links"] == {}
    assert identity(found, "Files")["routes"] == {"GET /files/{path+}": f"{HANDLERS}.anything"}
    assert identity(found, "List")["cors"]["origins"] == ["https://example.com"]


def test_the_document_sends_each_route_to_its_function_with_a_token_for_it() -> None:
    found = gateway()
    backend = document(found)["paths"]["/things"]["get"]["x-google-backend"]

    assert backend == {
        "address": address(found, "List"),
        "jwt_audience": address(found, "List"),
        "path_translation": "APPEND_PATH_TO_ADDRESS",
        "deadline": 22.0,
    }


def test_the_document_is_openapi_2_and_each_operation_has_what_that_asks_for() -> None:
    written = document(gateway())
    operations = [operation for path in written["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]

    assert written["swagger"] == "2.0"
    assert len(ids) == len(set(ids))
    assert all(operation["responses"] for operation in operations)


def test_get_answers_head_any_answers_the_rest_and_each_path_answers_a_browsers_question() -> None:
    paths = document(gateway())["paths"]

    assert set(paths["/things"]) == {"get", "head", "post", "options"}
    assert set(paths["/any"]) == {"get", "put", "post", "delete", "options", "head", "patch"}
    assert paths["/files/{path=**}"]["get"]["parameters"] == [
        {"name": "path", "in": "path", "required": True, "type": "string"}
    ]


def test_a_token_is_asked_for_where_that_is_declared_and_never_of_a_browsers_question() -> None:
    found = gateway(jwt=JWT)
    written = document(found)

    assert written["securityDefinitions"]["jwt"] == {
        "type": "oauth2",
        "authorizationUrl": "",
        "flow": "implicit",
        "x-google-issuer": "https://id.example.com/",
        "x-google-jwks_uri": "https://id.example.com/.well-known/jwks.json",
        "x-google-audiences": "shop,till",
        "x-google-jwt-locations": [{"header": "Authorization", "value_prefix": "Bearer "}],
    }
    assert written["paths"]["/things"]["post"]["security"] == [{"jwt": []}]
    assert written["paths"]["/things"]["get"]["security"] == []
    assert written["paths"]["/things"]["options"]["security"] == []


def test_a_token_is_asked_for_on_all_routes_where_none_is_named() -> None:
    jwt = {"issuer": "https://id.example.com", "audience": ["shop"], "jwks": "https://keys.example.com"}
    written = document(gateway(jwt=jwt))

    asked = {
        (path, method)
        for path, operations in written["paths"].items()
        for method, operation in operations.items()
        if operation["security"]
    }
    assert ("/things", "get") in asked
    assert ("/things", "head") in asked
    assert ("/any", "options") in asked
    assert ("/things", "options") not in asked
    assert written["securityDefinitions"]["jwt"]["x-google-jwks_uri"] == "https://keys.example.com"


def test_another_document_is_another_configuration_and_the_same_one_is_the_same() -> None:
    before, same, after = (gateway(**transform).of("apiConfig:ApiConfig") for transform in ({}, {}, {"jwt": JWT}))

    assert before[0].inputs["apiConfigId"] == same[0].inputs["apiConfigId"] != after[0].inputs["apiConfigId"]
    assert before[0].urn == same[0].urn != after[0].urn


def test_the_gateway_calls_by_its_own_account_and_comes_after_the_functions() -> None:
    found = gateway()
    (config,) = found.of("apiConfig:ApiConfig")

    assert config.inputs["gatewayConfig"]["backendConfig"]["googleServiceAccount"] == email(found, "Api-gateway")
    assert follows(found, config.name, "List-function")


def test_the_address_is_the_gateways() -> None:
    def declare(app: App) -> None:
        shopping(app, region="europe-west1")
        app.output(url=next(one for one in app.resources if one.name == "Api").url)  # type: ignore[attr-defined]

    found = deployed(shop(declare))

    assert found.outputs["url"] == "https://gateway.test"
    (made,) = found.of("apigateway/gateway:Gateway")
    assert made.inputs["region"] == "europe-west1"


def test_a_route_behind_a_gateway_that_takes_events_as_well_has_a_function_beside_it() -> None:
    def declare(app: App) -> None:
        both = app.function("Both", f"{HANDLERS}.anything")
        app.api("Api", transform=PER_ROUTE).route("GET /both", both)
        app.queue("Work").subscribe(both)

    found = deployed(shop(declare))

    assert identity(found, "Both-http")["triggers"] == ["http"]
    assert "sources" not in identity(found, "Both-http")
    assert identity(found, "Both")["triggers"] == ["queue"]
    assert "ISTHMUS_GATEWAY" not in variables(found, "Both")


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"functions": "one", "jwt": JWT}, "nothing stands before its one function"),
        ({"jwt": {**JWT, "scopes": ["a"]}}, "looks at no scopes"),
        ({"jwt": {**JWT, "issur": "x"}}, "did you mean 'issuer'"),
        ({"jwt": {**JWT, "issuer": "http://id"}}, "names its issuer"),
        ({"jwt": {**JWT, "audience": []}}, "names its issuer"),
        ({"jwt": {**JWT, "audience": "shop"}}, "names its issuer"),
        ({"jwt": {**JWT, "routes": ["PUT /things"]}}, "there is no route 'PUT /things'"),
        ({"functions": "each"}, "functions"),
        ({"nodes": {"gatway": {}}}, "there is no role 'gatway'"),
    ],
)
def test_what_no_gateway_could_do_is_refused(transform: dict[str, Any], fault: str) -> None:
    assert fault in refused(shop(lambda app: shopping(app, **transform)))


def test_one_function_of_two_gateways_keeps_one_set_of_cors_rules() -> None:
    def declare(app: App) -> None:
        both = app.function("Both", f"{HANDLERS}.request")
        app.api("A", transform=PER_ROUTE).route("GET /a", both)
        app.api("B", cors=Cors(origins=["*"]), transform=PER_ROUTE).route("GET /b", both)

    assert "whose cors differ" in refused(shop(declare))
