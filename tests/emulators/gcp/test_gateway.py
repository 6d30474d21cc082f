"""API Gateway, over the sample: each fact that `dispatch.gateway` stands for."""

from __future__ import annotations

import json
import threading
import time
import uuid
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Generator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from isthmus.http.response import HttpResponse
from isthmus.testing.exact_requests import ExactRequest, exchange
from tests.emulators.gcp.sample.deployed import Sample, sample

__all__ = ["sample"]

ISSUER = "https://issuer.example"
AUDIENCE = "shop"


class Issuer:
    """Signs tokens, and tells its keys at an address."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        told = {**json.loads(RSAAlgorithm.to_jwk(self.key.public_key())), "kid": "k", "alg": "RS256", "use": "sig"}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _telling(json.dumps({"keys": [told]}).encode()))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/keys"

    def token(self, **claims: Any) -> str:
        told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 60, **claims}
        return jwt.encode(told, self.key, algorithm="RS256", headers={"kid": "k"})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _telling(body: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Write nothing."""

    return Handler


@pytest.fixture(scope="module")
def issuer() -> Generator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture(scope="module")
def gateway(sample: Sample, issuer: Issuer) -> str:
    """Return the address of a gateway, whose document has each form of operation."""
    google = sample.google
    definition = {"x-google-issuer": ISSUER, "x-google-jwks_uri": issuer.address, "x-google-audiences": AUDIENCE}
    private, public = sample.outputs["private"], sample.outputs["public"]
    document: dict[str, Any] = {
        "swagger": "2.0",
        "securityDefinitions": {"jwt": definition},
        "paths": {
            "/things/{id}": {"get": _operation(private)},
            "/things/special": {"get": _operation(f"{private}/special", jwt_audience=private)},
            "/files/{path=**}": {"get": _operation(private)},
            "/fixed/{id}": {
                "get": _operation(f"{private}/there", jwt_audience=private, path_translation="CONSTANT_ADDRESS")
            },
            "/mine": {"post": {**_operation(private), "security": [{"jwt": []}]}},
            "/slow": {"get": _operation(public, deadline=0.5)},
        },
    }
    account = f"sample-account@{google.project}.iam.gserviceaccount.com"
    name, config = f"g{uuid.uuid4().hex[:8]}", "projects/p/locations/global/apis/a/configs/c"
    contents = b64encode(json.dumps(document).encode()).decode()
    google.put(
        "api-config",
        config,
        {
            "openapiDocuments": [{"document": {"path": "openapi.json", "contents": contents}}],
            "gatewayConfig": {"backendConfig": {"googleServiceAccount": account}},
        },
    )
    google.put("gateway", f"projects/p/locations/r/gateways/{name}", {"apiConfig": config})
    return f"{google.origin}/_gateway/{name}"


def _operation(address: str, **more: Any) -> Mapping[str, Any]:
    backend = {"address": address, "path_translation": "APPEND_PATH_TO_ADDRESS", **more}
    return {"x-google-backend": backend, "responses": {}}


def ask(gateway: str, path: str, *, method: str = "GET", **headers: str) -> HttpResponse:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return exchange(ExactRequest(method, path, pairs, b""), gateway, timeout=30)


def seen(answer: HttpResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.json()["headers"]}


def test_a_private_function_is_called_by_the_gateways_own_account(gateway: str) -> None:
    answer = ask(gateway, "/things/1?x=%20", authorization="Bearer of-the-client")

    assert (answer.status, answer.json()["path"]) == (200, "/things/1?x=%20")
    assert seen(answer)["x-forwarded-authorization"] == "Bearer of-the-client"
    assert seen(answer)["authorization"] != "Bearer of-the-client"


@pytest.mark.parametrize(
    ("path", "reached"),
    [
        ("/things/special", "/special/things/special?"),
        ("/files/a/b", "/files/a/b?"),
        ("/fixed/7?x=1", "/there?x=1&id=7"),
    ],
)
def test_a_template_takes_its_parts_and_the_backend_says_where_to(gateway: str, path: str, reached: str) -> None:
    assert ask(gateway, path).json()["path"] == reached


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/other", "GET", 404), ("/things/1/2", "GET", 404), ("/things/1", "PUT", 405)]
)
def test_what_the_document_has_not_is_refused(gateway: str, path: str, method: str, status: int) -> None:
    assert ask(gateway, path, method=method).status == status


def test_a_token_that_holds_is_told_to_the_function(gateway: str, issuer: Issuer) -> None:
    answer = ask(gateway, "/mine", method="POST", authorization=f"Bearer {issuer.token()}")
    told = seen(answer)["x-apigateway-api-userinfo"]

    assert json.loads(urlsafe_b64decode(told + "=="))["sub"] == "ann"


@pytest.mark.parametrize(
    "claims", [{"iss": "https://other"}, {"aud": "other"}, {"exp": 1}], ids=["issuer", "audience", "end"]
)
def test_a_token_that_does_not_hold_is_refused(gateway: str, issuer: Issuer, claims: dict[str, Any]) -> None:
    assert ask(gateway, "/mine", method="POST", authorization=f"Bearer {issuer.token(**claims)}").status == 401


@pytest.mark.parametrize("given", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic x"}])
def test_without_a_token_it_is_refused(gateway: str, given: dict[str, str]) -> None:
    assert ask(gateway, "/mine", method="POST", **given).status == 401


def test_a_token_of_another_key_is_refused(gateway: str) -> None:
    other = Issuer()
    token = other.token()
    other.stop()

    assert ask(gateway, "/mine", method="POST", authorization=f"Bearer {token}").status == 401


def test_nobody_else_says_who_the_client_is(gateway: str) -> None:
    assert "x-apigateway-api-userinfo" not in seen(ask(gateway, "/things/1", X_Apigateway_Api_Userinfo="forged"))


def test_a_backend_that_is_too_slow_is_answered_504(gateway: str, sample: Sample) -> None:
    assert sample.ask("public", "/slow?seconds=0").status == 200
    assert ask(gateway, "/slow?seconds=2").status == 504
