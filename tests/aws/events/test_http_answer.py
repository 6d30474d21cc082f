"""Answers in the form of each service, and what a client gets of them."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest

from isthmus.http.response import HttpResponse
from isthmus_aws.events.http import HttpCodec
from tests.aws.events.http_recorded import SERVICES, recorded
from tests.corpus.answers import answer_of

CODEC = HttpCodec()


def encode(response: HttpResponse, service: str, method: str = "POST") -> dict[str, Any]:
    event = recorded(service)
    if "httpMethod" in event:
        event["httpMethod"] = method
    else:
        event["requestContext"]["http"]["method"] = method
    return CODEC.encode(response, CODEC.decode(event))


def full() -> HttpResponse:
    response = HttpResponse.json({"a": "é"}, status=201, headers=[("X-Part", "one"), ("x-part", "two")])
    response.set_cookie("session", "abc")
    response.set_cookie("theme", "dark")
    response.headers.add("Set-Cookie", "third=3")
    return response


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_gets_the_whole_response_from_every_service(service: str) -> None:
    answer = answer_of(encode(full(), service))

    assert (answer.status, json.loads(answer.body)) == (201, {"a": "é"})
    assert answer.headers == {"content-type": "application/json", "x-part": "one,two"}
    assert sorted(line.partition(";")[0] for line in answer.cookies) == ["session=abc", "theme=dark", "third=3"]


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        ("http_api", {"statusCode", "headers", "cookies", "body", "isBase64Encoded"}),
        ("function_url", {"statusCode", "headers", "cookies", "body", "isBase64Encoded"}),
        ("rest", {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}),
        ("http_api_1", {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}),
        ("balancer", {"statusCode", "statusDescription", "headers", "body", "isBase64Encoded"}),
        ("balancer_multiple", {"statusCode", "statusDescription", "multiValueHeaders", "body", "isBase64Encoded"}),
    ],
)
def test_an_answer_has_the_fields_that_its_service_takes(service: str, fields: set[str]) -> None:
    assert encode(full(), service).keys() == fields


def test_without_a_request_an_answer_is_of_payload_2_0() -> None:
    assert CODEC.encode(HttpResponse.text("hi")) == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain; charset=utf-8"},
        "body": "hi",
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n", bytes(range(256)), b"\x1f\x8b\x08", "ü".encode("latin-1")])
def test_what_is_no_utf_8_travels_as_base64(service: str, body: bytes) -> None:
    encoded = encode(HttpResponse.binary(body), service)

    assert encoded["isBase64Encoded"] is True
    assert answer_of(json.loads(json.dumps(encoded))).body == body


@pytest.mark.parametrize("service", SERVICES)
def test_a_text_travels_as_it_is(service: str) -> None:
    encoded = encode(HttpResponse.binary("grün 😀\0".encode(), content_type="image/svg+xml"), service)

    assert (encoded["body"], encoded["isBase64Encoded"]) == ("grün 😀\0", False)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(("status", "method"), [(204, "POST"), (304, "GET"), (200, "HEAD")])
def test_an_answer_that_must_have_no_body_has_none(service: str, status: int, method: str) -> None:
    encoded = encode(HttpResponse(b"something", status=status, headers={"etag": '"1"'}), service, method)

    assert (encoded["statusCode"], encoded["body"], encoded["isBase64Encoded"]) == (status, "", False)
    assert answer_of(encoded).headers == {"etag": '"1"'}


@pytest.mark.parametrize("service", SERVICES)
def test_headers_of_the_connection_are_left_to_the_service(service: str) -> None:
    headers = {"Content-Length": "3", "Transfer-Encoding": "chunked", "Connection": "close", "x-mine": "1"}

    assert answer_of(encode(HttpResponse(b"abc", headers=headers), service)).headers == {"x-mine": "1"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_status_of_the_standard_library_is_a_number_in_the_answer(service: str) -> None:
    encoded = encode(HttpResponse(status=HTTPStatus.ACCEPTED), service)

    assert json.loads(json.dumps(encoded))["statusCode"] == 202
    assert type(encoded["statusCode"]) is int


@pytest.mark.parametrize(
    ("status", "description"), [(200, "200 OK"), (404, "404 Not Found"), (299, "299 Unknown"), (599, "599 Unknown")]
)
def test_a_balancer_is_told_the_reason_with_the_status(status: int, description: str) -> None:
    assert encode(HttpResponse(status=status), "balancer")["statusDescription"] == description


def test_every_cookie_has_a_header_of_its_own_where_a_balancer_takes_one_value_of_each() -> None:
    response = HttpResponse()
    for number in range(100):
        response.set_cookie(f"c{number}", "1")
    headers = encode(response, "balancer")["headers"]

    assert len(headers) == 100
    assert {name.lower() for name in headers} == {"set-cookie"}


@pytest.mark.parametrize("service", SERVICES)
def test_encoding_changes_nothing_of_the_response(service: str) -> None:
    response = full()
    encode(response, service)

    assert len(response.cookies) == 2
    assert response.headers.get_all("x-part") == ["one", "two"]


@pytest.mark.parametrize("service", SERVICES)
def test_the_correlation_id_is_added_where_a_response_has_none_of_its_own(service: str) -> None:
    request = CODEC.decode(recorded(service))
    alone, whole, own = HttpResponse.json({}), full(), HttpResponse.json({}, headers={"X-Correlation-Id": "mine"})
    told = [answer_of(request.respond(response, "c-1")).headers["x-correlation-id"] for response in (alone, whole, own)]

    assert told == ["c-1", "c-1", "mine"]
    assert "x-correlation-id" not in alone.headers  # a handler may give it to another request as well
    assert "x-correlation-id" not in whole.headers
    assert "x-correlation-id" not in answer_of(request.respond(alone)).headers
