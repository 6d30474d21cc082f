"""Signed URLs on the emulator: signed by the client library, checked with the account's public key.

https://cloud.google.com/storage/docs/access-control/signed-urls
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from tests.emulators.gcp.parts.bucket import Bucket
from tests.emulators.gcp.parts.storage import Storage, storage

__all__ = ["storage"]

ACCOUNT = "signer@here.iam.gserviceaccount.com"


@cache
def key(_: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def credentials(of: str = "") -> Any:
    pem = key(of).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = {"client_email": ACCOUNT, "private_key": pem.decode(), "token_uri": "https://nowhere.invalid"}
    made: Any = service_account.Credentials
    return made.from_service_account_info(info)


@pytest.fixture(scope="module")
def strict() -> Generator[Storage]:
    """A server that knows the key of one account."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key("").public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    with Storage(signers={ACCOUNT: public}) as server:
        yield server


def sign(server: Storage, bucket: Bucket, name: str, method: str = "GET", *, by: str = "", **options: Any) -> str:
    options = {"expiration": timedelta(minutes=5), **options}
    url: str = bucket.bucket.blob(name).generate_signed_url(
        version="v4", method=method, credentials=credentials(by), api_access_endpoint=server.endpoint, **options
    )
    return url


KEYS = ["a", "a b", "a+b", "100%", "a/b//c", "ä☃", "?a=b&c", "#d", "a%2Fb"]


@pytest.mark.parametrize("name", KEYS, ids=range(len(KEYS)))
def test_an_object_is_written_and_read_by_signed_urls(strict: Storage, name: str) -> None:
    bucket = Bucket(strict)

    put = httpx.put(sign(strict, bucket, name, "PUT"), content=b"text")
    got = httpx.get(sign(strict, bucket, name))

    assert (put.status_code, put.content) == (200, b"")
    assert (got.status_code, got.content) == (200, b"text")
    assert bucket.bucket.blob(name).download_as_bytes() == b"text"


def test_the_declared_content_type_has_to_be_sent(strict: Storage) -> None:
    bucket = Bucket(strict)
    url = sign(strict, bucket, "a", "PUT", content_type="image/png")

    assert httpx.put(url, content=b"x", headers={"Content-Type": "text/html"}).status_code == 403
    assert httpx.put(url, content=b"x", headers={"Content-Type": "image/png"}).status_code == 200
    assert bucket.bucket.get_blob("a").content_type == "image/png"


def test_a_signed_precondition_holds(strict: Storage) -> None:
    bucket = Bucket(strict)
    bucket.put("a", "first")
    headers = {"x-goog-if-generation-match": "0"}
    url = sign(strict, bucket, "a", "PUT", headers=headers)

    assert httpx.put(url, content=b"second", headers=headers).status_code == 412
    assert httpx.put(url, content=b"second").status_code == 403  # what was signed has to be sent


def test_a_signed_url_expires(strict: Storage) -> None:
    bucket = Bucket(strict)
    bucket.put("a")
    moments = datetime.now(UTC) - timedelta(minutes=5)
    url = sign(strict, bucket, "a", expiration=timedelta(seconds=1))
    old = url.replace(moments.strftime("%Y"), "2020")

    assert httpx.get(old).status_code == 400
    assert "ExpiredToken" in httpx.get(old).text


def test_a_signed_url_is_for_one_method_one_object_and_unchanged(strict: Storage) -> None:
    bucket = Bucket(strict)
    bucket.put("a")
    bucket.put("b")
    url = sign(strict, bucket, "a")

    assert httpx.get(url).status_code == 200
    assert httpx.put(url, content=b"x").status_code == 403
    assert httpx.delete(url).status_code == 403
    assert httpx.get(url.replace("/a?", "/b?")).status_code == 403
    assert httpx.get(url + "&response-content-type=text/html").status_code == 403
    assert httpx.get(url.replace("X-Goog-Expires=300", "X-Goog-Expires=3000")).status_code == 403


def test_another_key_does_not_sign_for_the_account(strict: Storage) -> None:
    bucket = Bucket(strict)
    bucket.put("a")

    assert httpx.get(sign(strict, bucket, "a", by="a stranger's")).status_code == 403


@pytest.mark.parametrize("server", ["strict", "storage"])
def test_without_a_signature_nobody_reads_or_writes(request: pytest.FixtureRequest, server: str) -> None:
    running: Storage = request.getfixturevalue(server)
    bucket = Bucket(running)
    bucket.put("a")
    url = sign(running, bucket, "a")
    bare = url.split("?")[0]

    assert httpx.get(bare).status_code == 403
    assert httpx.put(bare, content=b"x").status_code == 403
    assert httpx.get(url.split("&X-Goog-Signature=")[0]).status_code == 400


def test_a_server_without_keys_believes_what_looks_like_a_signature(storage: Storage) -> None:
    bucket = Bucket(storage)
    bucket.put("a")

    assert httpx.get(sign(storage, bucket, "a", by="anybody's")).status_code == 200


def test_a_resumable_upload_is_opened_by_a_signed_url(strict: Storage) -> None:
    """https://cloud.google.com/storage/docs/access-control/signed-urls#signing-resumable"""
    bucket = Bucket(strict)
    headers = {"x-goog-resumable": "start", "content-type": "text/plain"}
    url = sign(strict, bucket, "a/b c&d", "POST", headers=headers)

    opened = httpx.post(url, headers=headers)
    assert opened.status_code == 201
    sent = httpx.put(opened.headers["Location"], content=b"text", headers={"content-type": "text/plain"})

    assert sent.status_code == 200
    assert bucket.bucket.blob("a/b c&d").download_as_bytes() == b"text"


def test_an_unknown_object_is_not_found(strict: Storage) -> None:
    assert httpx.get(sign(strict, Bucket(strict), "nothing")).status_code == 404


def test_a_browser_may_ask_first(strict: Storage) -> None:
    url = sign(strict, Bucket(strict), "a", "PUT")
    asked = {"Origin": "https://somewhere.example", "Access-Control-Request-Method": "PUT"}

    assert httpx.options(url, headers=asked).headers["Access-Control-Allow-Origin"] == "*"


HOSTILE = [
    ("POST", "/storage/v1/b", b"{"),
    ("POST", "/storage/v1/b", b"[]"),
    ("POST", "/storage/v1/b/none/notificationConfigs", b"{"),
    ("POST", "/upload/storage/v1/b/none/o?uploadType=multipart", b"--x"),
    ("POST", "/upload/storage/v1/b/none/o?uploadType=resumable", b"null"),
    ("PUT", "/upload/storage/v1/b/none/o?upload_id=none", b"x"),
    ("POST", "/batch/storage/v1", b"--x\r\n\r\nGET"),
    ("DELETE", "/storage/v1/b/none/o/%00?ifGenerationMatch=x", b""),
    ("GET", "/storage/v1/b/none/o/a?generation=x", b""),
    ("POST", "/storage/v1/b/none/o/a/rewriteTo/b/none/o/b?ifSourceGenerationMatch=1", b""),
    ("PUT", "/none/a?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Expires=99999999999999999999", b"x"),
    ("GET", "/none/a?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=zz", b""),
    ("GET", "//", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_request_that_makes_no_sense_is_refused_and_breaks_nothing(
    strict: Storage, method: str, path: str, body: bytes
) -> None:
    headers = {"Content-Type": "multipart/related"}

    assert httpx.request(method, strict.endpoint + path, content=body, headers=headers).status_code in range(400, 500)
    assert Bucket(strict).put("a").generation
