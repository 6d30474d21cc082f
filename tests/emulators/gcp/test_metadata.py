"""The metadata server, asked as google-auth asks it and as nobody should."""

from __future__ import annotations

import json
from collections.abc import Generator
from http.client import HTTPConnection

import jwt
import pytest

from tests.emulators.gcp.metadata import ROOT, Metadata
from tests.emulators.gcp.tokens import ISSUER, TokenError, Tokens

EMAIL = "f@p.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture(scope="module")
def metadata(tokens: Tokens) -> Generator[Metadata]:
    metadata = Metadata(tokens, "p", "r", EMAIL)
    yield metadata
    metadata.stop()


def ask(metadata: Metadata, path: str, *, flavor: str = "Google") -> tuple[int, str, str]:
    """Return the status, the flavor and the body of an answer."""
    connection = HTTPConnection(metadata.host, timeout=10)
    try:
        connection.request("GET", ROOT + path, headers={"Metadata-Flavor": flavor} if flavor else {})
        answer = connection.getresponse()
        return answer.status, answer.headers["Metadata-Flavor"], answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("project/project-id", "p"),
        ("project/numeric-project-id", "123456789012"),
        ("instance/region", "projects/123456789012/regions/r"),
        ("instance/service-accounts/default/email", EMAIL),
        (f"instance/service-accounts/{EMAIL}/email", EMAIL),
    ],
)
def test_it_tells_where_and_who_an_instance_is(metadata: Metadata, path: str, told: str) -> None:
    assert ask(metadata, path) == (200, "Google", told)


@pytest.mark.parametrize("flavor", ["", "Other"])
def test_without_its_header_it_tells_nothing(metadata: Metadata, flavor: str) -> None:
    status, _, body = ask(metadata, "instance/service-accounts/default/token", flavor=flavor)

    assert (status, body) == (403, "")


def test_an_access_token_lasts_an_hour(metadata: Metadata) -> None:
    told = json.loads(ask(metadata, "instance/service-accounts/default/token")[2])

    assert (told["token_type"], 3000 < told["expires_in"] <= 3600) == ("Bearer", True)


def test_an_identity_token_is_the_accounts_for_the_audience(metadata: Metadata, tokens: Tokens) -> None:
    token = ask(metadata, "instance/service-accounts/default/identity?audience=https%3A%2F%2Ff&format=full")[2]
    claims = jwt.decode(token, options={"verify_signature": False})

    assert tokens.verified(token, "https://f") == EMAIL
    assert (claims["iss"], claims["aud"], claims["email_verified"]) == (ISSUER, "https://f", True)


@pytest.mark.parametrize("path", ["nowhere", "instance/service-accounts/default/identity", "instance/attributes/x"])
def test_what_it_does_not_have_is_not_found(metadata: Metadata, path: str) -> None:
    assert ask(metadata, path)[0] == 404


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"iss": "https://issuer.example"}, {"aud": "other"}], ids=["end", "issuer", "audience"]
)
def test_a_token_that_does_not_hold_is_refused(tokens: Tokens, claims: dict[str, object]) -> None:
    with pytest.raises(TokenError):
        tokens.verified(tokens.signed(EMAIL, "a", **claims), "a")


def test_a_token_of_another_key_is_refused(tokens: Tokens) -> None:
    with pytest.raises(TokenError):
        tokens.verified(Tokens().identity(EMAIL, "a"), "a")
