"""Paths: what each service has decoded of them, or put before them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import BadEventError, BadRequestError
from isthmus.http.percent import decode
from isthmus.http.router import Router
from isthmus.http.segments import check_path
from isthmus_aws.events.http import HttpCodec
from tests.aws.events.http_recorded import SERVICES, recorded

CODEC = HttpCodec()


def decoded_by_an_http_api(path: str) -> str:
    """Return a path as an HTTP API hands it on: decoded, but for the percent sign."""
    return "%25".join(decode(part) for part in path.split("%25"))


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", "/"),
        ("", "/"),
        ("/orders/o-1", "/orders/o-1"),
        ("/a b", "/a%20b"),
        ("/grün", "/gr%C3%BCn"),
        ("/a?b#c", "/a%3Fb%23c"),
        ("/a+b;c=1,d&e@f:g!$'()*", "/a+b;c=1,d&e@f:g!$'()*"),
        ("/50%25", "/50%25"),
        ("/%41", "/%2541"),
        ('/"<>[]\\^`{|}', "/%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D"),
        ("/a\tb\x00", "/a%09b%00"),
        ("/😀", "/%F0%9F%98%80"),
        ("//a//", "//a//"),
    ],
)
def test_the_path_of_an_http_api_is_encoded_again(raw: str, path: str) -> None:
    assert CODEC.decode(recorded("http_api", rawPath=raw)).path == path


@pytest.mark.parametrize("service", ["function_url", "balancer", "rest"])
@pytest.mark.parametrize("path", ["/a%2Fb", "/a%20b", "/%2541", "/a+b", "/%", "/%zz", "//a"])
def test_the_path_of_another_service_is_left_as_it_is(service: str, path: str) -> None:
    field = "rawPath" if service == "function_url" else "path"
    event = recorded(service, resource="/{proxy+}", pathParameters={"proxy": path[1:]}, **{field: path})

    assert CODEC.decode(event).path == path


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0/") | st.just("%"), min_size=1))
def test_any_segment_comes_through_an_http_api_decoded_once(text: str) -> None:
    sent = "/items/" + "".join(f"%{byte:02X}" for byte in text.encode())
    raw = decoded_by_an_http_api(sent)
    request = CODEC.decode(recorded("http_api", rawPath=raw, pathParameters={"id": raw.removeprefix("/items/")}))

    assert request.params == {"id": text}
    if not {".", ".."}.intersection(text.replace("\\", "/").split("/")):
        assert Router([("ANY", "/items/{id}", 1)]).match("POST", request.path)[1] == {"id": text}


@pytest.mark.parametrize(
    ("sent", "value"),
    [("a%2Fb", "a/b"), ("a%20b", "a b"), ("a+b", "a+b"), ("%2541", "%41"), ("50%25", "50%"), ("%zz", "%zz")],
)
def test_a_parameter_of_a_rest_api_is_decoded_once(sent: str, value: str) -> None:
    request = CODEC.decode(recorded("rest", path=f"/orders/{sent}", pathParameters={"id": sent}))

    assert request.params == {"id": value}


def test_a_greedy_parameter_of_a_rest_api_is_decoded_as_a_whole() -> None:
    event = recorded(
        "rest", resource="/files/{path+}", path="/files/a%20b/c%2Fd", pathParameters={"path": "a%20b/c%2Fd"}
    )

    assert CODEC.decode(event).params == {"path": "a b/c/d"}


@pytest.mark.parametrize(
    ("stage", "raw", "path"),
    [
        ("$default", "/live/orders", "/live/orders"),
        ("live", "/live/orders", "/orders"),
        ("live", "/live", "/"),
        ("live", "/live/", "/"),
        ("live", "/live/live/orders", "/live/orders"),
        ("live", "/lively/orders", "/lively/orders"),
        ("live", "/orders", "/orders"),
        (None, "/orders", "/orders"),
    ],
)
def test_the_stage_of_an_http_api_is_no_part_of_the_path(stage: str | None, raw: str, path: str) -> None:
    two = recorded("http_api", rawPath=raw, context={"stage": stage})
    one = recorded("http_api_1", path=raw, resource="$default", pathParameters=None, context={"stage": stage})

    assert CODEC.decode(two).path == path
    assert CODEC.decode(one).path == path


@pytest.mark.parametrize("service", ["rest", "http_api_1"])
@pytest.mark.parametrize(
    ("resource", "params", "path", "own"),
    [
        ("/orders/{id}", {"id": "7"}, "/shop/v1/orders/7", "/orders/7"),
        ("/orders/{id}", {"id": "7"}, "/orders/orders/7", "/orders/7"),
        ("/orders/{id}", {"id": "7"}, "/shop/orders/7/", "/orders/7/"),
        ("/{proxy+}", {"proxy": "a/b"}, "/shop/a/b", "/a/b"),
        ("/{proxy+}", {"proxy": "a/b"}, "/a/b", "/a/b"),
        ("/{proxy+}", {"proxy": "other"}, "/a/b", "/a/b"),
        ("/{proxy+}", None, "/a/b", "/a/b"),
        ("/", None, "/shop", "/"),
        ("/", None, "/", "/"),
    ],
)
def test_the_mapping_of_a_custom_domain_is_no_part_of_the_path(
    service: str, resource: str, params: dict[str, str] | None, path: str, own: str
) -> None:
    request = CODEC.decode(recorded(service, resource=resource, pathParameters=params, path=path))

    assert request.path == own


@pytest.mark.parametrize("service", ["http_api", "http_api_1"])
def test_half_of_a_surrogate_pair_is_no_path(service: str) -> None:
    field = "rawPath" if service == "http_api" else "path"

    with pytest.raises(BadEventError, match="surrogate"):
        CODEC.decode(recorded(service, **{field: "/\ud800"}))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("trick", ["/files/../secret", "/files/.", "/files/a\0b"])
def test_a_trick_in_the_path_is_still_seen_after_decoding(service: str, trick: str) -> None:
    sent = trick if service.startswith("http_api") else trick.replace("\0", "%00")
    request = CODEC.decode(recorded(service, path=sent, rawPath=sent, resource="$default"))

    with pytest.raises(BadRequestError):
        check_path(request.path)


def test_a_broken_escape_that_a_rest_api_let_through_is_a_bad_request() -> None:
    request = CODEC.decode(recorded("rest", path="/orders/%zz", pathParameters={"id": "%zz"}))

    with pytest.raises(BadRequestError):
        check_path(request.path)
