from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from isthmus import compose
from isthmus.context import Context
from isthmus.errors import ForbiddenError, MissingExtraError, UnauthorizedError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.middleware.bearer import bearer
from tests.core.handlers import plain


def verify(token: str) -> dict[str, str] | None:
    return {"sub": "ann"} if token == "good" else None


def ask(*authorization: str, verify: Callable[[str], Any] = verify, realm: str = "") -> HttpResponse:
    handler = compose(bearer(verify, realm=realm), plain(lambda request: request.state["claims"]))
    request = HttpRequest("GET", "/", headers=[("Authorization", value) for value in authorization])
    return serving.http(Handler(handler), request, Context())


@pytest.mark.parametrize("header", ["Bearer good", "bearer good", "BEARER   good", "Bearer good "])
def test_a_good_token_lets_the_request_through_with_its_claims(header: str) -> None:
    response = ask(header)

    assert response.status == 200
    assert response.json() == {"sub": "ann"}


@pytest.mark.parametrize("header", [(), ("",), ("Basic YTpi",), ("good",), ("Bearergood",)])
def test_without_a_bearer_token_the_challenge_names_no_error(header: tuple[str, ...]) -> None:
    response = ask(*header)

    assert response.status == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_the_challenge_names_the_realm() -> None:
    assert ask(realm="orders").headers["www-authenticate"] == 'Bearer realm="orders"'
    assert ask("Bearer bad", realm="orders").headers["www-authenticate"].startswith('Bearer realm="orders", error=')


@pytest.mark.parametrize("realm", ['a"b', "a\nb", "é", "a\\b"])
def test_a_realm_that_would_break_the_header_is_refused(realm: str) -> None:
    with pytest.raises(ValueError, match="a realm is printable ASCII"):
        bearer(verify, realm=realm)


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer", "Bearer a b", "Bearer a,b", "Bearer é", "Bearer ===", "Bearer a=b"]
)
def test_a_malformed_header_is_a_400(header: str) -> None:
    response = ask(header, verify=lambda token: pytest.fail("must not be asked"))

    assert response.status == 400
    assert 'error="invalid_request"' in response.headers["www-authenticate"]


def test_several_authorization_headers_are_refused() -> None:
    response = ask("Bearer good", "Bearer good")

    assert response.status == 400
    assert 'error="invalid_request"' in response.headers["www-authenticate"]


def raising(error: Exception) -> Any:
    def verify(token: str) -> Any:
        raise error

    return verify


async def verify_later(token: str) -> Any:
    await asyncio.sleep(0)
    return verify(token)


@pytest.mark.parametrize(
    "verifier",
    [
        plain(lambda token: None),
        plain(lambda token: False),
        raising(ValueError("secret")),
        raising(PermissionError("secret")),
        raising(UnauthorizedError("secret")),
        raising(TypeError("secret")),
        verify_later,
    ],
)
def test_a_refused_token_is_a_401_that_does_not_tell_why(verifier: Any, caplog: pytest.LogCaptureFixture) -> None:
    response = ask("Bearer bad-token", verify=verifier)

    assert response.status == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert b"secret" not in response.body
    assert "was refused" in caplog.text
    assert "bad-token" not in caplog.text


def test_an_async_verifier_is_awaited() -> None:
    assert ask("Bearer good", verify=verify_later).json() == {"sub": "ann"}


def test_claims_that_are_empty_are_claims() -> None:
    assert ask("Bearer good", verify=lambda token: {}).json() == {}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ForbiddenError("not you"), 403),
        (UnauthorizedError("again", headers={"WWW-Authenticate": "Custom"}), 401),
        (ConnectionError("the key server is down"), 500),
        (TimeoutError(), 500),
        (MissingExtraError("PyJWT", "jwt"), 500),
    ],
)
def test_what_says_nothing_about_the_token_passes_as_it_is(error: Exception, status: int) -> None:
    response = ask("Bearer good", verify=raising(error))

    assert response.status == status
    assert response.headers.get("www-authenticate", "Custom") == "Custom"


def test_it_stands_before_http_handlers_alone() -> None:
    handler = compose(bearer(verify), plain(lambda event: "let in"))

    with pytest.raises(TypeError, match="this event is a Message"):
        handler(Message(b"x"), Context())
