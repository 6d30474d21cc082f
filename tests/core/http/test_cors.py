from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus.http.cors import CorsPolicy, is_preflight, origin_faults
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse

SITE = "https://example.com"


def ask(policy: CorsPolicy, origin: str = SITE, method: str = "PUT", headers: str | None = None) -> dict[str, str]:
    fields = {"origin": origin, "access-control-request-method": method}
    if headers is not None:
        fields["access-control-request-headers"] = headers
    response = policy.preflight(HttpRequest("OPTIONS", "/", headers=fields))
    assert (response.status, response.body) == (204, b"")
    return response.headers.to_dict()


def marked(policy: CorsPolicy, origin: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    response = HttpResponse(headers=headers or {})
    policy.apply(origin, response)
    return response.headers.to_dict()


def test_a_preflight_is_answered_with_what_the_policy_allows() -> None:
    policy = CorsPolicy(origins=[SITE], methods=["GET", "PUT"], headers=["X-Token"], expose=["x-a"], max_age=60)

    assert ask(policy, headers="x-token") == {
        "vary": "Origin",
        "access-control-allow-origin": SITE,
        "access-control-allow-methods": "GET, PUT",
        "access-control-allow-headers": "x-token",
        "access-control-max-age": "60",
    }


@pytest.mark.parametrize(
    "question",
    [
        {"origin": "https://evil.example"},
        {"origin": ""},
        {"method": "DELETE"},
        {"method": "put"},
        {"method": ""},
        {"headers": "x-other"},
        {"headers": "x-token, x-other"},
        {"headers": "x-token\x00"},
    ],
)
def test_a_preflight_that_is_refused_is_a_204_without_a_grant(question: dict[str, Any]) -> None:
    policy = CorsPolicy(origins=[SITE], methods=["PUT"], headers=["x-token"])

    assert ask(policy, **question) == {"vary": "Origin"}


def test_a_policy_for_everybody_says_so_and_does_not_vary() -> None:
    policy = CorsPolicy(origins=["*"], methods=["*"], headers=["*"], expose=["x-a", "x-b"])

    assert ask(policy, "null", "PURGE", "X-A, authorization,") == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "PURGE",
        "access-control-allow-headers": "x-a, authorization",
        "access-control-max-age": "600",
    }
    assert marked(policy, SITE) == {"access-control-allow-origin": "*", "access-control-expose-headers": "x-a, x-b"}
    assert marked(policy, "") == {}
    assert "access-control-allow-headers" not in ask(policy)


def test_a_method_that_is_no_method_is_not_echoed_even_to_everybody() -> None:
    assert ask(CorsPolicy(origins=["*"], methods=["*"], headers=["*"]), method="A B") == {}


def test_an_answer_is_marked_for_the_origins_of_the_policy_alone() -> None:
    policy = CorsPolicy(origins=[SITE], credentials=True)

    assert marked(policy, SITE) == {
        "vary": "Origin",
        "access-control-allow-origin": SITE,
        "access-control-allow-credentials": "true",
    }
    assert marked(policy, "https://evil.example") == {"vary": "Origin"}


def test_whatever_the_handler_said_of_origins_is_replaced() -> None:
    mine = {"Access-Control-Allow-Origin": "*", "access-control-allow-credentials": "true", "x": "y"}

    assert marked(CorsPolicy(origins=[SITE]), "https://evil.example", mine) == {"x": "y", "vary": "Origin"}


@pytest.mark.parametrize(
    ("vary", "expected"), [("Accept", ["Accept", "Origin"]), ("origin, Accept", None), ("*", None)]
)
def test_vary_is_added_to_and_not_repeated(vary: str, expected: list[str] | None) -> None:
    response = HttpResponse(headers={"vary": vary})
    CorsPolicy(origins=[SITE]).apply(SITE, response)

    assert response.headers.get_all("vary") == (expected or [vary])


WILD = CorsPolicy(origins=[SITE, "https://*.example.com", "http://*.example.org:8080", "http://*.localhost:3000"])


@pytest.mark.parametrize(
    "origin",
    [
        SITE,
        "https://a.example.com",
        "https://a-1_b.example.com",
        "http://x.example.org:8080",
        "http://app.localhost:3000",
    ],
)
def test_an_origin_of_the_policy_is_allowed(origin: str) -> None:
    assert WILD.allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "*",
        "http://example.com",
        "https://example.com:443",
        "https://example.com:8443",
        "https://example.com/",
        "https://EXAMPLE.com",
        "HTTPS://example.com",
        "https://example.com.evil.example",
        "https://evilexample.com",
        "https://.example.com",
        "http://subdomain.example.com",
        "httpx://subdomain.example.com",
        "https://a.b.example.com",
        "https://evil.example/.example.com",
        "https://evil.example#.example.com",
        "https://evil.example?.example.com",
        "https://evil.example\\.example.com",
        "https://user@a.example.com",
        "https://user:pass@example.com",
        "https://a.example.com:8443",
        "https://a.example.com.",
        "https://*.example.com",
        "https://a\r\n.example.com",
        "https://é.example.com",
        "https://A.example.com",
        "http://x.example.org",
        "https://x.example.org:8080",
        " https://example.com",
        "https://example.com https://evil.example",
        "https://",
        "https://example.com\0",
    ],
)
def test_an_origin_that_only_looks_like_one_of_the_policy_is_not_allowed(origin: str) -> None:
    assert not WILD.allows(origin)
    assert marked(WILD, origin) == {"vary": "Origin"}


def test_a_policy_may_be_written_in_capitals() -> None:
    assert CorsPolicy(origins=["HTTPS://Example.com"]).allows(SITE)


def test_null_is_allowed_only_where_it_is_named() -> None:
    assert CorsPolicy(origins=["null"]).allows("null")
    assert not CorsPolicy(origins=[SITE]).allows("null")


@pytest.mark.parametrize("origin", ["*", "null"])
def test_credentials_are_not_for_everybody(origin: str) -> None:
    with pytest.raises(InvalidValueError, match="signed in"):
        CorsPolicy(origins=[SITE, origin], credentials=True)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "example.com",
        "://example.com",
        "https://",
        "https://*.",
        "https://*",
        "https://*.com",
        "https://*.com:8443",
        "https://*.*.example.com",
        "https://a.*.example.com",
        "https://*example.com",
        "https://example.com/",
        "https://example.com/path",
        "https://example.com?x",
        "https://user@example.com",
        "https://a, https://b",
        "https://é.example",
        "https://a\n",
        "**",
    ],
)
def test_an_origin_that_no_browser_could_send_is_refused(origin: str) -> None:
    with pytest.raises(InvalidValueError, match="origin"):
        CorsPolicy(origins=[origin])


def test_every_fault_of_the_origins_is_told_at_once() -> None:
    assert len(origin_faults(["a", "*", "https://example.com", "null"], credentials=True)) == 3
    assert origin_faults(["*", "null", "http://[::1]:3000", "app://x"], credentials=False) == []


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("OPTIONS", {"Origin": SITE, "Access-Control-Request-Method": "PUT"}, True),
        ("OPTIONS", {"Origin": SITE}, False),
        ("OPTIONS", {"Access-Control-Request-Method": "PUT"}, False),
        ("GET", {"Origin": SITE, "Access-Control-Request-Method": "PUT"}, False),
    ],
)
def test_a_preflight_is_known_by_its_method_and_headers(method: str, headers: dict[str, str], expected: bool) -> None:
    assert is_preflight(HttpRequest(method, "/", headers=headers)) is expected


@given(st.text())
def test_no_label_of_a_wildcard_can_lead_to_another_host(label: str) -> None:
    from urllib.parse import urlsplit

    origin = f"https://{label}.example.com"
    if WILD.allows(origin):
        assert urlsplit(origin).hostname == origin.removeprefix("https://")
        assert "." not in label
