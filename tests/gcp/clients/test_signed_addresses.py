"""Signed addresses of a bucket: the server checks them with the public key of the account that signs."""

from __future__ import annotations

import base64
import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from isthmus.errors import AccessDeniedError, InvalidValueError, ServiceError
from isthmus_gcp.rest import Rest
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.storage import Storage
from tests.gcp.clients.http_double import Asked, HttpDouble
from tests.gcp.clients.linked import ACCOUNT, linked, services_of
from tests.gcp.clients.tokens import handed_out


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def strict(key: rsa.RSAPrivateKey) -> Iterator[Storage]:
    """Return a server that knows the function's account."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    with Storage(signers={ACCOUNT: public}) as server:
        yield server


@pytest.fixture
def shared(
    services: Services, strict: Storage, signing: HttpDouble, key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Return the client of a bucket whose signed addresses are checked; a double of signBlob has the key."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", strict.endpoint)

    def sign(asked: Asked) -> tuple[int, Any]:
        assert asked.path == f"/v1/projects/-/serviceAccounts/{ACCOUNT}:signBlob"
        payload = base64.b64decode(asked.document["payload"])
        signature = key.sign(payload, padding.PKCS1v15(), hashes.SHA256())
        return 200, {"keyId": "1", "signedBlob": base64.b64encode(signature).decode()}

    signing.answer = sign
    name = f"files-{uuid.uuid4().hex}"
    strict.client().create_bucket(name)
    return linked(services, "bucket", name, ["read", "write"], name="Files")


def fetch(method: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("key_", ["a", "a b", "ä?#%/c", "a\nb", "a//b"], ids=ascii)
def test_signed_addresses_put_and_get_an_object(shared: Any, key_: str) -> None:
    assert fetch("PUT", shared.presign_put(key_, content_type="text/x"), b"text", content_type="text/x")[0] == 200
    assert fetch("GET", shared.presign_get(key_, expires=604_800)) == (200, b"text")
    assert shared.head(key_).content_type == "text/x"


def test_a_signed_address_is_for_its_method_its_key_its_type_and_its_signature(shared: Any) -> None:
    shared.put("a", b"text")
    get, put = shared.presign_get("a"), shared.presign_put("a", content_type="text/plain")

    assert fetch("PUT", get, b"x", content_type="text/plain")[0] == 403
    assert fetch("GET", put)[0] == 403
    assert fetch("GET", get.replace("/a?", "/b?"))[0] == 403
    assert fetch("PUT", put, b"x", content_type="text/html")[0] == 403
    assert fetch("GET", get.replace("Expires=900", "Expires=9000"))[0] == 403
    assert fetch("GET", get.split("?")[0])[0] == 403
    assert shared.get("a") == b"text"


@pytest.mark.parametrize("expires", [0, -1, 604_801, 1.5, None, True])
def test_an_address_for_too_long_is_refused(files: Any, expires: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.presign_get("a", expires=expires)


def test_an_emulator_that_checks_no_signature_needs_nobody_to_sign(files: Any) -> None:
    files.put("a", b"text")

    assert fetch("GET", files.presign_get("a")) == (200, b"text")


def test_an_account_that_may_not_sign_is_told(shared: Any, signing: HttpDouble) -> None:
    said = {"error": {"code": 403, "message": "iam.serviceAccounts.signBlob denied", "status": "PERMISSION_DENIED"}}
    signing.answer = lambda _: (403, json.dumps(said).encode())

    with pytest.raises(AccessDeniedError) as raised:
        shared.presign_get("a")
    assert "signBlob denied" in raised.value.__notes__[0]


def test_whoever_has_a_key_signs_with_it(
    environment: None, key: rsa.RSAPrivateKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    info = {"type": "service_account", "client_email": "me@x.iam.gserviceaccount.com", "token_uri": "https://x.invalid"}
    (tmp_path / "key.json").write_text(json.dumps({**info, "private_key": key.private_bytes(*form).decode()}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    address = linked(services_of(variables={}), "bucket", "files", ["read"]).presign_get("a b")

    assert address.startswith("https://storage.googleapis.com/files/a%20b?X-Goog-Algorithm=GOOG4-RSA-SHA256")
    assert "X-Goog-Credential=me%40x.iam.gserviceaccount.com%2F" in address


def test_a_functions_account_signs_at_google(
    services: Services, metadata: HttpDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata.answer = handed_out
    asked: list[str] = []

    def post(self: Rest, path: str, document: Any, *, deadline: float) -> Any:
        asked.append(path)
        return {"signedBlob": base64.b64encode(b"signature").decode()}

    monkeypatch.setattr(Rest, "post", post)
    address = linked(services, "bucket", "files", ["read"]).presign_get("a")

    assert asked == [f"/v1/projects/-/serviceAccounts/{ACCOUNT}:signBlob"]
    assert address.endswith(f"X-Goog-Signature={b'signature'.hex()}")


def test_whoever_has_no_key_and_no_account_is_told_what_to_do(environment: None, metadata: HttpDouble) -> None:
    metadata.answer = handed_out

    with pytest.raises(ServiceError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        linked(services_of(variables={}), "bucket", "files", ["read"]).presign_get("a")
