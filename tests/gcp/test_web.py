"""Requests to a function under the real functions framework and its gunicorn."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from isthmus.links import Identity
from isthmus_gcp.web import RESPONSE_LIMIT
from tests.gcp.framework import Framework

HANDLERS = "tests.gcp.handlers"
CORS = {"origins": ["https://example.com"], "expose": ["x-total"], "credentials": True, "max_age": 60}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
ROUTES = {
    "GET /orders/{id}": "page",
    "GET /orders/special": "told",
    "GET,POST /files/{path+}": "page",
    "GET /told": "told",
    "GET /sleep": "sleep",
    "GET /measured": "measured",
    "GET /large": "large",
    "POST /body": "body",
    "GET /marked": "marked",
    "GET /later": "later",
}


def identity(routes: Mapping[str, str], **options: Any) -> Identity:
    return Identity(
        app="shop",
        stage="dev",
        provider="gcp",
        function="Api-all",
        triggers=("http",),
        routes={route: f"{HANDLERS}.{name}" for route, name in routes.items()},
        **options,
    )


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    known = identity(ROUTES, timeout=1.5, timeouts={f"{HANDLERS}.sleep": 0.5}, body_limit=1000, cors=CORS)
    with Framework(known) as framework:
        yield framework.client


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    document: dict[str, Any] = response.json()
    assert response.status_code == document["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    return document


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/orders/7", {"id": "7"}),
        ("/orders/a%2Fb%20c", {"id": "a/b c"}),
        ("/orders/%C3%A9+x", {"id": "é+x"}),
        ("/files/a//b/c%20d", {"path": "a//b/c d"}),
    ],
)
def test_a_route_gets_its_parameters_as_they_were_sent(web: httpx.Client, path: str, params: Mapping[str, str]) -> None:
    answer = web.get(_url(web, path))

    assert answer.json()["params"] == params
    assert answer.json()["path"] == path


def _url(web: httpx.Client, path: str) -> httpx.URL:
    return web.base_url.copy_with(raw_path=path.encode())


def test_the_query_is_kept_whole(web: httpx.Client) -> None:
    answer = web.get("/orders/7?a=1&a=2&b=&c=%26+%C3%A9")

    assert answer.json()["query"] == [["a", "1"], ["a", "2"], ["b", ""], ["c", "& é"]]


@pytest.mark.parametrize("path", ["/nowhere", "/orders", "/orders/", "/orders//x", "//orders/7"])
def test_what_has_no_route_is_404(web: httpx.Client, path: str) -> None:
    problem(web.get(_url(web, path)), 404)


@pytest.mark.parametrize("path", ["/orders/%2e%2e/told", "/files/a/%2e%2e/b", "/orders/%FF", "/orders/%zz"])
def test_a_path_that_nobody_should_follow_is_400(web: httpx.Client, path: str) -> None:
    problem(web.get(_url(web, path)), 400)


def test_another_method_is_405_with_those_that_there_are(web: httpx.Client) -> None:
    answer = web.delete("/orders/7")

    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_without_an_origin_tells_the_methods(web: httpx.Client) -> None:
    answer = web.options("/body")

    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "OPTIONS, POST", b"")


def test_head_has_the_length_of_get_and_no_body(web: httpx.Client) -> None:
    head, get = web.head("/orders/7"), web.get("/orders/7")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_a_preflight_is_answered_by_the_api_and_not_by_a_handler(web: httpx.Client) -> None:
    asked = {"origin": "https://example.com", "access-control-request-method": "GET"}
    answer = web.options("/sleep?seconds=9", headers=asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://example.com"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "60"


@pytest.mark.parametrize("path", ["/orders/7", "/nowhere", "/sleep?seconds=0.8"])
def test_every_answer_follows_the_rules_of_the_api(web: httpx.Client, path: str) -> None:
    answer = web.get(path, headers={"origin": "https://example.com"})

    assert answer.headers["access-control-allow-origin"] == "https://example.com"
    assert answer.headers["access-control-expose-headers"] == "x-total"
    assert answer.headers["vary"] == "Origin"


def test_another_origin_is_granted_nothing_whatever_the_handler_says(web: httpx.Client) -> None:
    answer = web.get("/marked", headers={"origin": "https://evil.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_a_handler_that_is_late_is_answered_for_in_time(web: httpx.Client) -> None:
    began = time.monotonic()
    answer = web.get("/sleep?seconds=3")

    problem(answer, 504)
    assert time.monotonic() - began < 2.5


def test_what_goes_on_after_its_time_holds_up_nobody(web: httpx.Client) -> None:
    with ThreadPoolExecutor(6) as pool:
        late = [pool.submit(web.get, "/sleep?seconds=2") for _ in range(6)]
        assert {answer.result().status_code for answer in late} == {504}
        assert web.get("/orders/7").status_code == 200


def test_a_deadline_is_that_of_the_route(web: httpx.Client) -> None:
    assert 1 < web.get("/told").json()["remaining"] <= 1.5


def test_a_body_over_the_limit_of_the_api_is_413(web: httpx.Client) -> None:
    assert web.post("/body", content=b"x" * 1000).json() == {"bytes": 1000}
    problem(web.post("/body", content=b"x" * 1001), 413)


def test_a_body_of_unknown_length_is_read_whole_and_no_further_than_the_limit(web: httpx.Client) -> None:
    def chunks(count: int) -> Iterator[bytes]:
        yield from (b"x" * 100 for _ in range(count))

    assert web.post("/body", content=chunks(10)).json() == {"bytes": 1000}
    problem(web.post("/body", content=chunks(11)), 413)


def test_the_connection_is_of_use_after_a_refused_body(web: httpx.Client) -> None:
    with httpx.Client(base_url=web.base_url) as client:
        statuses = [client.post("/body", content=b"x" * size).status_code for size in (5000, 10, 5000, 10)]

    assert statuses == [413, 200, 413, 200]


def test_an_answer_that_the_platform_would_not_send_is_a_fault(web: httpx.Client) -> None:
    assert len(web.get("/large?bytes=1000000").content) == 1_000_000
    problem(web.get(f"/large?bytes={RESPONSE_LIMIT + 1}"), 500)


def test_ids_come_in_with_the_headers_if_they_are_sound(web: httpx.Client) -> None:
    sound = web.get("/told", headers={"x-correlation-id": "abc", "traceparent": TRACE}).json()
    forged = web.get("/told", headers=[("x-correlation-id", "a"), ("x-correlation-id", "b"), ("traceparent", "x")])

    assert (sound["correlation"], sound["traceparent"]) == ("abc", TRACE)
    assert forged.json()["correlation"] not in ("a", "b", "a,b")
    assert forged.json()["traceparent"] != "x"


def test_each_request_has_an_id_of_its_own(web: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [answer.json()["correlation"] for answer in pool.map(web.get, ["/told"] * 100)]

    assert len(set(ids)) == 100
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)


def test_the_clients_address_is_the_last_that_the_front_has_added(web: httpx.Client) -> None:
    told = web.get("/told", headers={"x-forwarded-for": "6.6.6.6, 192.0.2.7", "x-forwarded-proto": "https"}).json()

    assert told["client"] == "192.0.2.7"
    assert told["url"].startswith("https://")


def test_a_forged_credential_of_a_gateway_is_a_header_like_others(web: httpx.Client) -> None:
    told = web.get("/told", headers={"x-forwarded-authorization": "Bearer forged"}).json()

    assert told["authorization"] == []
    assert told["forwarded"] == ["Bearer forged"]


@pytest.mark.parametrize(
    "headers",
    [
        {"ce-id": "1", "ce-type": PUBLISHED, "ce-source": "x", "ce-specversion": "1.0"},
        {"isthmus-source": "Work", "x-cloudtasks-taskname": "t", "x-cloudscheduler": "true", "isthmus-drain": "1"},
        {"content-type": "application/cloudevents+json"},
    ],
)
def test_what_looks_like_an_event_is_a_request_at_an_api(web: httpx.Client, headers: Mapping[str, str]) -> None:
    message = {"message": {"data": "e30=", "messageId": "1"}, "subscription": "projects/p/subscriptions/Work"}
    answer = web.post("/body", content=json.dumps(message), headers=headers)
    ping = web.post("/", json={"isthmus": "ping"})

    assert answer.json() == {"bytes": len(json.dumps(message))}
    assert ping.status_code == 404


def test_coroutines_answer_on_several_threads_at_once(web: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(web.get, ["/later"] * 64))

    assert [answer.status_code for answer in answers] == [200] * 64
    assert len({answer.json()["thread"] for answer in answers}) > 1


def measured(framework: Framework) -> int:
    most: int = framework.client.get("/measured").json()["most"]
    return most


def test_handlers_run_at_once_but_those_that_ask_to_be_alone() -> None:
    routes = {"GET /measured": "measured"}
    with ThreadPoolExecutor(8) as pool:
        with Framework(identity(routes)) as framework:
            free = list(pool.map(measured, [framework] * 16))
        with Framework(identity(routes, serial=(f"{HANDLERS}.measured",))) as framework:
            alone = list(pool.map(measured, [framework] * 16))

    assert max(free) > 1
    assert max(alone) == 1


def test_behind_a_gateway_the_client_is_who_the_gateway_says_it_is() -> None:
    with Framework(identity({"GET /told": "told"}), environment={"ISTHMUS_GATEWAY": "1"}) as framework:
        both = {"authorization": "Bearer gateway", "x-forwarded-authorization": "Bearer client"}
        signed = framework.client.get("/told", headers=both).json()
        unsigned = framework.client.get("/told", headers={"authorization": "Bearer gateway"}).json()

    assert (signed["authorization"], signed["forwarded"]) == (["Bearer client"], [])
    assert unsigned["authorization"] == []


def test_a_client_that_hangs_up_in_its_body_reaches_no_handler(web: httpx.Client) -> None:
    with socket.create_connection((web.base_url.host, web.base_url.port or 80)) as connection:
        connection.sendall(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)

    assert b'"bytes"' not in answer
    assert web.get("/orders/7").status_code == 200
