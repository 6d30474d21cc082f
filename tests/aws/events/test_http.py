"""What each service tells of one and the same request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from isthmus.errors import BadEventError
from isthmus.http.router import Router
from isthmus_aws.events.http import HttpCodec
from tests.aws.events.http_recorded import SERVICES, recorded

CODEC = HttpCodec()
GATEWAYS = ("http_api", "http_api_1", "rest")
CHEAP = ("__future__", "contextvars", "_contextvars")
BALANCERS = ("balancer", "balancer_multiple")


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_tells_of_the_same_request(service: str) -> None:
    request = CODEC.decode(recorded(service))

    assert (request.method, request.path) == ("POST", "/orders/a%20b%C3%A9")
    assert request.json() == {"name": "grün"}
    assert request.content_type == "application/json"
    assert request.client_ip == "203.0.113.7"
    assert request.cookies == {"session": "abc123", "theme": "dark"}
    assert request.headers.get("X-Forwarded-For", "").endswith("203.0.113.7")
    assert request.raw["requestContext"]


@pytest.mark.parametrize("service", sorted({*SERVICES} - {"balancer"}))
def test_a_query_keeps_its_repeated_and_its_empty_parameters(service: str) -> None:
    request = CODEC.decode(recorded(service))
    expected = [("empty", ""), ("next", "https://example.com/a"), ("plus", "a b"), ("sign", "a+b")]

    assert sorted(request.query.items()) == [*expected, ("tag", "one"), ("tag", "two")]


def test_a_balancer_without_multi_value_headers_tells_the_last_of_a_repeated_parameter() -> None:
    assert CODEC.decode(recorded("balancer")).query.get_all("tag") == ["two"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_query_string_means_what_the_parameters_are(service: str) -> None:
    event = recorded(service)
    parsed = CODEC.decode(event)
    again = CODEC.decode(recorded("http_api", rawQueryString=CODEC.decode(event).query_string))

    assert sorted(parsed.query.items()) == sorted(again.query.items())


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("http_api", "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/orders/a%20b%C3%A9?tag=one&"),
        ("http_api_1", "https://f6g7h8i9j0.execute-api.eu-west-1.amazonaws.com/live/orders/a%20b%C3%A9?"),
        ("rest", "https://f6g7h8i9j0.execute-api.eu-west-1.amazonaws.com/live/orders/a%20b%C3%A9?"),
        (
            "function_url",
            "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/orders/a%20b%C3%A9?tag=one&",
        ),
        ("balancer", "http://shop-1234567890.eu-west-1.elb.amazonaws.com/orders/a%20b%C3%A9?"),
    ],
)
def test_the_address_is_as_the_client_knows_it(service: str, address: str) -> None:
    assert CODEC.decode(recorded(service)).url.startswith(address)


@pytest.mark.parametrize("service", ["function_url", *BALANCERS])
def test_where_the_service_finds_no_route_the_router_does(service: str) -> None:
    request = CODEC.decode(recorded(service))

    assert request.params == {}
    assert Router([("POST", "/orders/{id}", "here")]).match(request.method, request.path) == ("here", {"id": "a bé"})


@pytest.mark.parametrize("service", GATEWAYS)
def test_where_the_gateway_has_found_a_route_its_parameters_are_decoded(service: str) -> None:
    request = CODEC.decode(recorded(service))

    assert request.params == {"id": "a bé"}
    assert Router([("POST", "/orders/{id}", "here")]).match(request.method, request.path) == ("here", {"id": "a bé"})


@pytest.mark.parametrize("service", ["rest", "http_api_1", "balancer_multiple"])
def test_repeated_headers_stay_apart_where_the_service_keeps_them_apart(service: str) -> None:
    assert CODEC.decode(recorded(service)).headers.get_all("x-many") == ["first", "second"]


@pytest.mark.parametrize(
    ("service", "request_id", "api_id", "route_key"),
    [
        ("http_api", "KdGdZh4ODoEEJ7g=", "a1b2c3d4e5", "POST /orders/{id}"),
        ("rest", "0b3f2d61-52f7-4c39-8a55-3a9f2f5a6f11", "f6g7h8i9j0", "POST /orders/{id}"),
        ("function_url", "5f2c9a8e-6d0b-4a55-9f6e-0e4d1c2b3a49", "abcdefghijklmnopqrstuvwxyz012345", "$default"),
        ("balancer", "", "", ""),
    ],
)
def test_a_request_tells_its_id_its_api_and_its_route(
    service: str, request_id: str, api_id: str, route_key: str
) -> None:
    request = CODEC.decode(recorded(service))

    assert (request.request_id, request.api_id, request.route_key) == (request_id, api_id, route_key)


@pytest.mark.parametrize("service", SERVICES)
def test_the_envelope_is_read_from_the_headers(service: str) -> None:
    event = recorded(service)
    sent = {"x-correlation-id": "mine-1", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    for name, value in sent.items():
        if event.get("headers"):
            event["headers"][name] = value
        if event.get("multiValueHeaders"):
            event["multiValueHeaders"][name] = [value]
    envelope = CODEC.decode(event).envelope()

    assert {"x-correlation-id": envelope.correlation_id, "traceparent": envelope.traceparent} == sent


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_without_headers_has_no_envelope(service: str) -> None:
    event = recorded(service, headers=None)
    event.pop("multiValueHeaders", None)
    request = CODEC.decode(event)

    assert (request.envelope().correlation_id, request.envelope().traceparent) == ("", "")
    assert request.content_type == ""


def test_the_cookies_of_an_http_api_are_a_header_too() -> None:
    assert CODEC.decode(recorded("http_api")).headers.get_all("cookie") == ["session=abc123; theme=dark"]


def test_the_cookies_of_a_function_url_are_one_header_and_not_two() -> None:
    assert CODEC.decode(recorded("function_url")).headers.get_all("cookie") == ["session=abc123; theme=dark"]


def test_the_host_is_that_of_the_event_where_no_header_names_it() -> None:
    assert CODEC.decode(recorded("http_api", headers={})).host == "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("1.1.1.1, 2.2.2.2,203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:51234", "2001:db8::1"),
        ("", ""),
    ],
)
def test_the_client_of_a_balancer_is_the_address_that_the_balancer_has_added(forwarded: str, client: str) -> None:
    request = CODEC.decode(recorded("balancer", headers={"x-forwarded-for": forwarded}))

    assert request.client_ip == client


def test_a_rest_event_with_a_raw_path_is_still_of_a_rest_api() -> None:
    # A custom domain's mapping makes REST APIs add `rawPath`: https://github.com/honojs/hono/issues/5015
    request = CODEC.decode(
        recorded("rest", path="/shop/orders/7", rawPath="/shop/orders/7", pathParameters={"id": "7"})
    )

    assert (request.path, request.params) == ("/orders/7", {"id": "7"})


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (None, "it is NoneType, not an object"),
        ([], "it is list, not an object"),
        ("GET /", "it is str, not an object"),
        ({}, "neither the version 2.0 nor an httpMethod"),
        ({"Records": []}, "neither the version 2.0 nor an httpMethod"),
        ({"httpMethod": "GET", "path": "/"}, "it has no requestContext"),
        ({"httpMethod": "GET", "path": "/", "requestContext": []}, "it has no requestContext"),
        ({"version": "2.0"}, "HTTP API event of payload 2.0: it has no requestContext"),
        ({"version": "2.0", "requestContext": {}}, "it has no http"),
        ({"version": "2.0", "requestContext": {"http": {}}}, "it has no method"),
        ({"version": "2.0", "requestContext": {"http": {"method": "GET"}}}, "it has no rawPath"),
        ({"version": "2.0", "requestContext": {"http": {"method": 1}}, "rawPath": "/"}, "method is int, not text"),
        ({"version": "2.0", "requestContext": {"http": {"method": "GET"}}, "rawPath": 1}, "rawPath text"),
        ({"httpMethod": "", "requestContext": {}}, "REST API event: it has no httpMethod"),
        ({"httpMethod": 1, "requestContext": {}}, "REST API event: httpMethod is int, not text"),
        ({"httpMethod": 1, "requestContext": {"elb": {}}}, "load balancer event: httpMethod is int, not text"),
    ],
)
def test_what_is_no_request_is_refused_with_its_kind_and_what_is_wrong(event: Any, what: str) -> None:
    with pytest.raises(BadEventError) as refused:
        CODEC.decode(event)

    assert what in str(refused.value)


@pytest.mark.parametrize(("name", "what"), [("websocket", "a WebSocket connection"), ("authorizer", "an authorizer's")])
def test_what_only_looks_like_a_request_is_refused(name: str, what: str) -> None:
    with pytest.raises(BadEventError, match=what):
        CODEC.decode(recorded(name))


@pytest.mark.parametrize("service", GATEWAYS)
@pytest.mark.parametrize("wrong", ["id", ["id"], {"id": 7}, {"id": None}, {"id": ["7"]}])
def test_path_parameters_that_are_no_texts_are_refused(service: str, wrong: Any) -> None:
    with pytest.raises(BadEventError, match="pathParameters"):
        CODEC.decode(recorded(service, pathParameters=wrong))


@pytest.mark.parametrize(
    ("service", "field", "wrong", "attribute"),
    [
        ("http_api", "headers", ["accept"], "headers"),
        ("http_api", "headers", {"content-type": 5}, "content_type"),
        ("http_api", "cookies", "a=1", "cookies"),
        ("http_api", "cookies", [1], "headers"),
        ("http_api", "rawQueryString", {"a": 1}, "query"),
        ("http_api", "routeKey", 5, "route_key"),
        ("http_api", "body", 5, "body"),
        ("http_api", "isBase64Encoded", "true", "body"),
        ("rest", "multiValueHeaders", {"accept": "*/*"}, "headers"),
        ("rest", "multiValueHeaders", {"accept": [1]}, "headers"),
        ("rest", "multiValueQueryStringParameters", {"a": "1"}, "query_string"),
        ("rest", "queryStringParameters", {"b": 1}, "query"),
        ("balancer", "queryStringParameters", [1], "query"),
    ],
)
def test_what_is_malformed_is_told_when_it_is_read(service: str, field: str, wrong: Any, attribute: str) -> None:
    request = CODEC.decode(recorded(service, **{field: wrong}))

    with pytest.raises(BadEventError, match=field):
        getattr(request, attribute)


@pytest.mark.parametrize("context", [{"identity": []}, {"identity": {"sourceIp": 5}}])
def test_a_malformed_context_is_told_when_it_is_read(context: dict[str, Any]) -> None:
    request = CODEC.decode(recorded("rest", context=context))

    with pytest.raises(BadEventError, match="sourceIp"):
        _ = request.client_ip


def test_the_codec_loads_nothing_heavy_and_the_other_services_only_when_they_call() -> None:
    script = (
        "import sys, json; before = set(sys.modules); from isthmus_aws.events.http import HttpCodec\n"
        f"HttpCodec().decode(json.loads({json.dumps(json.dumps(recorded('http_api')))}))\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    loaded = set(run.stdout.split())

    assert {"isthmus_aws.events.http_rest", "isthmus_aws.events.http_balancer", "binascii"}.isdisjoint(loaded)
    assert {name.split(".")[0] for name in loaded} <= {"isthmus", "isthmus_aws", *CHEAP}
