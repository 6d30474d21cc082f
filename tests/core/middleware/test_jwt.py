from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from isthmus import compose
from isthmus.context import Context
from isthmus.errors import InvalidValueError, MissingExtraError, UnauthorizedError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.middleware.bearer import bearer
from isthmus.middleware.jwt import JwtVerifier
from tests.core.handlers import plain

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SECRET = "s" * 32


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    every = {"sub": "ann", "aud": "orders", "iss": "https://id.example", "exp": now + 60, "iat": now, **changed}
    return {name: value for name, value in every.items() if value is not None}


def token(key: Any = PRIVATE, algorithm: str = "RS256", *, header: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm, headers=header)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header: dict[str, Any], signature: bytes = b"", secret: bytes | None = None) -> str:
    signed = f"{part(header)}.{part(claims())}"
    if secret is not None:
        signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def verifier(key: Any = PEM, algorithms: Any = ("RS256",), **options: Any) -> JwtVerifier:
    every: dict[str, Any] = {"audience": "orders", "issuer": "https://id.example", **options}
    return JwtVerifier(key, algorithms=algorithms, **every)


def jwk(key: Any, key_id: str, **members: Any) -> dict[str, Any]:
    algorithm: Any = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": key_id, **members}


def test_a_valid_token_gives_its_claims() -> None:
    assert verifier()(token())["sub"] == "ann"
    assert verifier(PEM.decode())(token())["sub"] == "ann"
    assert verifier(SECRET, ["HS256"])(token(SECRET, "HS256"))["sub"] == "ann"
    assert verifier(audience=["other", "orders"])(token(aud=["orders", "third"]))["sub"] == "ann"
    assert verifier(issuer=["https://old.example", "https://id.example"])(token())["sub"] == "ann"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": int(time.time()) - 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"aud": None}, "aud"),
        ({"aud": "others"}, "udience"),
        ({"aud": "orders2"}, "udience"),
        ({"aud": []}, "aud"),
        ({"iss": None}, "iss"),
        ({"iss": "https://evil.example"}, "ssuer"),
        ({"iss": "https://id.exampl"}, "ssuer"),
        ({"iss": ["https://id.example"]}, "."),
        ({"nbf": int(time.time()) + 3600}, "not yet valid"),
        ({"iat": int(time.time()) + 3600}, "not yet valid"),
        ({"exp": "9999999999"}, "exp is not a number"),
        ({"exp": True}, "."),
        ({"nbf": "0"}, "nbf is not a number"),
        ({"exp": [1]}, "."),
        ({"exp": {}}, "."),
        ({"sub": 5}, "."),
    ],
)
def test_a_claim_that_is_missing_or_wrong_refuses_the_token(changed: dict[str, Any], why: str) -> None:
    signed = f"{part({'alg': 'HS256'})}.{part(claims(**changed))}"
    signature = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()

    with pytest.raises(UnauthorizedError, match=why):
        verifier(SECRET, ["HS256"])(f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


def test_clocks_may_differ_by_the_leeway_and_no_more() -> None:
    now = int(time.time())
    lenient = verifier(leeway=30)

    assert lenient(token(exp=now - 20, iat=now + 20, nbf=now + 20))["sub"] == "ann"
    every: list[dict[str, Any]] = [{"exp": now - 40}, {"iat": now + 40}, {"nbf": now + 40}]
    for changed in every:
        with pytest.raises(UnauthorizedError):
            lenient(token(**changed))


@pytest.mark.parametrize(
    "bad",
    [
        forged({"alg": "none", "typ": "JWT"}),
        forged({"alg": "None"}),
        forged({"alg": "NONE"}),
        forged({"typ": "JWT"}),
        forged({"alg": ["RS256"]}),
        forged({"alg": "HS256"}, secret=PEM),
        forged({"alg": "HS256"}, secret=b""),
        forged({"alg": "RS256"}),
        forged({"alg": "RS512"}),
        forged({"alg": "RS256", "jwk": {"kty": "oct", "k": ""}}, secret=b""),
        forged({"alg": "RS256", "kid": 5}),
        token(OTHER),
        token(PRIVATE, "RS512"),
        token(PRIVATE, "PS256"),
        token(header={"crit": ["exp"]}),
        token() + "x",
        token()[:-4],
        "." + token(),
        "",
        "a.b.c",
        "....",
        "e30.e30.e30",
        f"{part([1])}.e30.e30",
        f"{base64.urlsafe_b64encode(b'[' * 20000).decode()}.e30.e30",
    ],
)
def test_a_forged_or_broken_token_is_refused(bad: str) -> None:
    with pytest.raises(UnauthorizedError):
        verifier()(bad)


@pytest.mark.parametrize("header", [{"alg": "RS256", "crit": ["exp"]}, {"alg": "RS256", "kid": 5}])
def test_a_header_that_asks_for_more_is_refused_even_where_the_library_lets_it_pass(
    monkeypatch: pytest.MonkeyPatch, header: dict[str, Any]
) -> None:
    monkeypatch.setattr(jwt, "get_unverified_header", plain(lambda token: header))

    with pytest.raises(UnauthorizedError, match="not understood"):
        verifier()(token())


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = token().split(".")

    with pytest.raises(UnauthorizedError, match="ignature"):
        verifier()(f"{header}.{part(claims(sub='admin'))}.{signature}")


@given(st.text(max_size=60))
def test_no_text_makes_the_verifier_stumble(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        verifier()(text)


@pytest.mark.parametrize("algorithms", [[], (), "HS256", ["none"], ["None"], ["RS256", "none"], ["HS1"], ["rs256"]])
def test_algorithms_are_required_and_never_none(algorithms: Any) -> None:
    with pytest.raises(InvalidValueError, match="algorithms is a list"):
        verifier(algorithms=algorithms)


def test_a_public_key_is_no_secret() -> None:
    for key in (PEM, PEM.decode(), "\n " + PEM.decode(), "ssh-rsa AAAA"):
        with pytest.raises(InvalidValueError, match="a public key is no secret"):
            verifier(key, ["HS256"])
    with pytest.raises(InvalidValueError, match="mix secrets"):
        verifier(PEM, ["RS256", "HS256"])


@pytest.mark.parametrize(("algorithm", "length"), [("HS256", 31), ("HS384", 47), ("HS512", 63)])
def test_a_secret_that_is_too_short_is_refused(algorithm: str, length: int) -> None:
    with pytest.raises(InvalidValueError, match=f"a secret has {length + 1} bytes at least"):
        verifier("s" * length, [algorithm])


@pytest.mark.parametrize(
    ("option", "value"), [("audience", ""), ("audience", []), ("issuer", ""), ("issuer", ["a", ""])]
)
def test_audience_and_issuer_are_required(option: str, value: Any) -> None:
    with pytest.raises(InvalidValueError, match=f"{option} is required"):
        verifier(**{option: value})


@pytest.mark.parametrize("leeway", [-1, 601, float("nan")])
def test_a_leeway_that_switches_expiry_off_is_refused(leeway: float) -> None:
    with pytest.raises(InvalidValueError, match="leeway is 0 to 600"):
        verifier(leeway=leeway)


def test_a_key_of_another_kind_is_the_configurations_fault_and_not_the_tokens() -> None:
    for key, algorithm in ((PEM, "ES256"), (b"no key at all", "RS256")):
        signed = token(CURVE, "ES256") if algorithm == "ES256" else token()
        with pytest.raises(InvalidValueError, match=f"does not fit {algorithm}"):
            verifier(key, [algorithm])(signed)


def test_keys_of_a_set_are_found_by_their_id() -> None:
    keys = {"keys": [jwk(OTHER, "old"), jwk(PRIVATE, "new", alg="RS256", use="sig"), jwk(CURVE, "curve")]}
    check = verifier(keys, ["RS256", "ES256"])

    assert check(token(header={"kid": "new"}))["sub"] == "ann"
    assert check(token(OTHER, header={"kid": "old"}))["sub"] == "ann"
    assert check(token(CURVE, "ES256", header={"kid": "curve"}))["sub"] == "ann"
    for bad in (
        token(header={"kid": "old"}),
        token(header={"kid": "gone"}),
        token(),
        token(header={"kid": "curve"}),
        token(CURVE, "ES256", header={"kid": "new"}),
        token(CURVE, "ES256", header={"kid": "old"}),
        token(PRIVATE, "RS256", header={"kid": "../../dev/null"}),
    ):
        with pytest.raises(UnauthorizedError):
            check(bad)


def test_a_key_that_names_its_algorithm_serves_no_other() -> None:
    check = verifier({"keys": [jwk(PRIVATE, "a", alg="RS512")]}, ["RS256", "RS512"])

    assert check(token(PRIVATE, "RS512", header={"kid": "a"}))["sub"] == "ann"
    with pytest.raises(UnauthorizedError, match="another algorithm"):
        check(token(header={"kid": "a"}))


def test_a_rotated_key_is_fetched_when_a_token_names_it() -> None:
    served = [{"keys": [jwk(OTHER, "old")]}, {"keys": [jwk(OTHER, "old"), jwk(PRIVATE, "new")]}]
    check = verifier(lambda: served.pop(0))
    assert check(token(OTHER, header={"kid": "old"}))["sub"] == "ann"
    assert len(served) == 1

    check._keys._pause = 0  # type: ignore[union-attr] # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]

    assert check(token(header={"kid": "new"}))["sub"] == "ann"
    assert served == []


def test_a_key_server_that_is_down_is_a_500_and_not_a_401(caplog: pytest.LogCaptureFixture) -> None:
    def fetch() -> dict[str, Any]:
        raise ConnectionError("down")

    handler = Handler(compose(bearer(verifier(fetch)), plain(lambda request: "in")))
    response = serving.http(handler, HttpRequest("GET", "/", headers={"authorization": f"Bearer {token()}"}), Context())

    assert response.status == 500


def test_in_front_of_a_handler_it_gives_the_claims_or_a_challenge(caplog: pytest.LogCaptureFixture) -> None:
    handler = Handler(compose(bearer(verifier()), plain(lambda request: request.state["claims"]["sub"])))

    def ask(value: str) -> Any:
        return serving.http(handler, HttpRequest("GET", "/", headers={"authorization": f"Bearer {value}"}), Context())

    assert ask(token()).text() == "ann"
    refused = ask(token(exp=int(time.time()) - 3600))
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert "ExpiredSignatureError" in caplog.text


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    check = verifier()
    monkeypatch.setitem(sys.modules, "jwt", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'isthmus\[jwt\]'"):
        check("a.b.c")
