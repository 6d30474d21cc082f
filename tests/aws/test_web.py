from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from isthmus.links import Identity
from isthmus_aws.web import RESPONSE_LIMIT
from tests.aws.runtime import Runtime

HANDLERS = "tests.aws.handlers"


def identity(handler: str = "", *, routes: Mapping[str, str] | None = None, body_limit: int = 0) -> Identity:
    return Identity(
        app="shop",
        stage="dev",
        provider="aws",
        function="Tested",
        handler=f"{HANDLERS}.{handler}" if handler else "",
        triggers=("http",),
        routes={route: f"{HANDLERS}.{name}" if name else "" for route, name in (routes or {}).items()},
        body_limit=body_limit,
    )


def request(method: str = "GET", path: str = "/", **event: Any) -> dict[str, Any]:
    """Return an event of payload 2.0."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "example.com"},
        "requestContext": {
            "apiId": "a",
            "stage": "$default",
            "requestId": "r",
            "domainName": "example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
        },
        "isBase64Encoded": False,
        **event,
    }


def problem(answer: Mapping[str, Any], status: int) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(answer["body"])
    assert answer["statusCode"] == document["status"] == status
    return document


def test_a_function_of_a_route_gets_its_parameters() -> None:
    with Runtime(identity("page")) as runtime:
        answer = runtime.invoke(request(path="/orders/7", pathParameters={"id": "7"}))

    assert json.loads(answer["body"])["params"] == {"id": "7"}


def test_a_function_of_a_whole_api_finds_the_route_by_itself() -> None:
    routes = {"GET /orders/{id}": "page", "POST /orders": "other", "ANY /any": "other"}
    with Runtime(identity(routes=routes)) as runtime:
        order = runtime.invoke(request(path="/orders/a b"))  # an HTTP API has decoded it
        placed = runtime.invoke(request("POST", "/orders"))
        options = runtime.invoke(request("OPTIONS", "/orders"))
        head = runtime.invoke(request("HEAD", "/orders/7"))
        nowhere = runtime.invoke(request(path="/nowhere"))
        wrong = runtime.invoke(request("DELETE", "/orders"))

    assert json.loads(order["body"])["params"] == {"id": "a b"}
    assert placed["body"] == "other"
    assert (options["statusCode"], options["headers"]["allow"]) == (204, "OPTIONS, POST")
    assert (head["statusCode"], head.get("body", "")) == (200, "")
    problem(nowhere, 404)
    problem(wrong, 405)
    assert wrong["headers"]["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("routes", [{"GET /orders": "", "POST /orders": ""}, {"GET,POST /orders": ""}])
def test_the_function_for_what_has_no_route_never_answers_200(routes: Mapping[str, str]) -> None:
    with Runtime(identity(routes=routes)) as runtime:
        answers = [runtime.invoke(request(method, path)) for method, path in (("GET", "/orders"), ("GET", "/x"))]
        wrong = runtime.invoke(request("PUT", "/orders"))

    assert [problem(answer, 404)["title"] for answer in answers] == ["Not Found"] * 2
    assert wrong["headers"]["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("base64_encoded", [False, True])
def test_a_body_over_the_limit_is_refused_by_its_size_in_bytes(base64_encoded: bool) -> None:
    def event(text: str) -> dict[str, Any]:
        body = base64.b64encode(text.encode()).decode() if base64_encoded else text
        return request("POST", "/", body=body, isBase64Encoded=base64_encoded)

    with Runtime(identity("page", body_limit=10)) as runtime:
        fits = runtime.invoke(event("é" * 5))
        over = runtime.invoke(event("é" * 5 + "x"))

    assert fits["statusCode"] == 200
    assert "10 bytes" in problem(over, 413)["detail"]


@pytest.mark.parametrize("handler", ["slow", "slow_later"])
def test_a_handler_that_overruns_is_answered_for_and_the_instance_goes_on(handler: str) -> None:
    with Runtime(identity(handler)) as runtime:
        started = time.monotonic()
        late = runtime.invoke(request(rawQueryString="seconds=30"), timeout=1)
        took = time.monotonic() - started
        again = runtime.invoke(request(rawQueryString="seconds=0.01"), timeout=5)
        pause = runtime.invoke(request(rawQueryString="seconds=1.2"), timeout=5)

    problem(late, 504)
    assert took < 3
    assert (again["body"], pause["body"]) == ("done", "done")


def test_a_response_that_lambda_would_not_return_is_a_fault_that_the_log_explains() -> None:
    runtime = Runtime(identity("huge"))
    answer = runtime.invoke(request())
    output = runtime.stop()

    problem(answer, 500)
    assert "presign_get" in output


def test_correlation_id_of_the_request_is_the_contexts_and_the_answers() -> None:
    with Runtime(identity("page")) as runtime:
        given = runtime.invoke(request(headers={"host": "example.com", "x-correlation-id": "mine"}))
        made = runtime.invoke(request())

    assert json.loads(given["body"])["correlation"] == given["headers"]["x-correlation-id"] == "mine"
    assert json.loads(made["body"])["correlation"] == made["headers"]["x-correlation-id"]


def test_an_error_with_a_status_is_its_problem_document() -> None:
    with Runtime(identity("conflict")) as runtime:
        assert problem(runtime.invoke(request()), 409)["detail"] == "taken"


def test_an_empty_segment_that_the_gateway_has_left_out_leads_nowhere() -> None:
    with Runtime(identity("page")) as runtime:
        left_out = runtime.invoke(request(path="//orders", routeKey="GET /orders"))
        kept = runtime.invoke(
            request(path="/files/a//b", routeKey="GET /files/{path+}", pathParameters={"path": "a//b"})
        )

    problem(left_out, 404)
    assert kept["statusCode"] == 200


def test_an_answer_is_within_lambdas_limit_with_all_that_goes_around_its_body() -> None:
    def sized(size: int) -> dict[str, Any]:
        return request(path="/binary", rawQueryString=f"size={size}")

    most = RESPONSE_LIMIT * 3 // 4
    with Runtime(identity("sized")) as runtime:
        fits, over = runtime.invoke(sized(most - 1000)), runtime.invoke(sized(most))

    assert fits["statusCode"] == 200
    assert len(json.dumps(fits)) <= RESPONSE_LIMIT
    problem(over, 500)


@pytest.mark.parametrize("text", ["%C3%A9", "%22", "%00"])
def test_a_text_that_json_makes_too_large_goes_as_base64(text: str) -> None:
    size = 2_000_000 if text == "%C3%A9" else 4_000_000
    with Runtime(identity("sized")) as runtime:
        answer = runtime.invoke(request(path="/text", rawQueryString=f"size={size}&text={text}"))

    assert answer["statusCode"] == 200
    assert len(json.dumps(answer)) <= RESPONSE_LIMIT
    assert base64.b64decode(answer["body"]).decode() == unquote(text) * size
