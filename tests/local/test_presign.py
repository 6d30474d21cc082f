from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from isthmus.declarations.app import App
from isthmus.errors import ForbiddenError, InvalidValueError, ServiceError
from isthmus_local import presign
from tests.local.desk import NOON, Desk

KEY = "in/a b+c%2F\N{PILE OF POO}.txt"
ORIGIN = "http://127.0.0.1:4000"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    app.bucket("Files")
    app.bucket("Other")
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


@pytest.fixture
def secret(desk: Desk) -> bytes:
    made: bytes = desk.do(presign.settle, ORIGIN)
    return made


def asked(address: str, **changed: Any) -> presign.Request:
    """Return what a client that follows `address` asks, with some of it altered."""
    parts = urlsplit(address)
    bucket, key = parts.path.removeprefix(presign.PATH).split("/", 1)
    request = presign.Request("GET", unquote(bucket), unquote(key), parts.query)
    return request._replace(**changed)


def get(desk: Desk, key: str = KEY, expires: Any = 60) -> str:
    address: str = desk.call("bucket.presign_get", "Files", key, expires)
    return address


def put(desk: Desk, content_type: str | None = None) -> str:
    address: str = desk.call("bucket.presign_put", "Files", KEY, 60, content_type)
    return address


def refused(secret: bytes, request: presign.Request, why: str, now: float = NOON) -> None:
    with pytest.raises(ForbiddenError, match=why):
        presign.verify(secret, request, now)


def test_an_address_is_accepted_until_it_expires(desk: Desk, secret: bytes) -> None:
    request = asked(get(desk))

    assert request.key == KEY
    presign.verify(secret, request, NOON)
    presign.verify(secret, request, NOON + 59.9)
    refused(secret, request, "expired", NOON + 60)


def test_an_address_reads_as_documented(desk: Desk, secret: bytes) -> None:
    parts = urlsplit(get(desk, "a/b c"))

    assert f"{parts.scheme}://{parts.netloc}" == ORIGIN
    assert parts.path == "/_isthmus/objects/Files/a%2Fb%20c"
    assert {name: len(values) for name, values in parse_qs(parts.query).items()} == {
        "method": 1,
        "expires": 1,
        "signature": 1,
    }
    assert secret.hex() not in parts.query


def test_whoever_may_get_may_ask_for_the_head(desk: Desk, secret: bytes) -> None:
    presign.verify(secret, asked(get(desk), method="HEAD"), NOON)


def test_another_method_is_refused(desk: Desk, secret: bytes) -> None:
    refused(secret, asked(get(desk), method="PUT"), "signed for GET, not for PUT")
    refused(secret, asked(get(desk), method="DELETE"), "signed for GET, not for DELETE")
    refused(secret, asked(put(desk), method="GET"), "signed for PUT, not for GET")
    refused(secret, asked(put(desk), method="HEAD"), "signed for PUT, not for HEAD")


def test_another_key_or_bucket_is_refused(desk: Desk, secret: bytes) -> None:
    request = asked(get(desk))

    refused(secret, request._replace(key=KEY + "x"), "signature")
    refused(secret, request._replace(key=KEY[:-1]), "signature")
    refused(secret, request._replace(bucket="Other"), "signature")
    refused(secret, request._replace(bucket="Files/in", key=KEY.removeprefix("in/")), "signature")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("method=GET", "method=PUT", "signature"),
        (f"expires={int(NOON) + 60}", f"expires={int(NOON) + 61}", "signature"),
        (f"expires={int(NOON) + 60}", f"expires=0{int(NOON) + 60}0", "signature"),
        (f"expires={int(NOON) + 60}", "expires=", "not a time"),
        (f"expires={int(NOON) + 60}", "expires=-1", "not a time"),
        (f"expires={int(NOON) + 60}", "expires=1e12", "not a time"),
        (f"expires={int(NOON) + 60}", "expires=%D9%A1%D9%A2", "not a time"),
        (f"expires={int(NOON) + 60}", f"expires={'9' * 5000}", "not a time"),
        (f"expires={int(NOON) + 60}&", "", "missing in this address: expires"),
        ("method=GET&", "", "missing in this address: method"),
        ("signature=", "sig=", "unknown in a signed address: sig"),
        ("method=GET", "method=GET&method=GET", "twice"),
        ("method=GET", "method=GET&type=text/html", "signature"),
        ("method=GET", "method=GET&x=1", "unknown in a signed address: x"),
        ("method=GET", "method", "malformed"),
        ("method=GET", "method=%ff", "malformed"),
        ("method=GET", "&".join(["method=GET"] * 1000), "malformed"),
        ("signature=", "signature=0", "signature"),
        ("signature=", "signature=%F0%9F%92%A9", "signature"),
    ],
)
def test_an_altered_address_is_refused(desk: Desk, secret: bytes, old: str, new: str, why: str) -> None:
    request = asked(get(desk))
    assert old in request.query

    refused(secret, request._replace(query=request.query.replace(old, new)), why)


@pytest.mark.parametrize("query", ["", "&", "signature=", "=", "method=GET&expires=1&signature="])
def test_an_address_without_a_signature_is_refused(secret: bytes, query: str) -> None:
    refused(secret, presign.Request("GET", "Files", KEY, query), "address")


def test_a_signature_of_another_stage_is_refused(desk: Desk, secret: bytes) -> None:
    refused(bytes(32), asked(get(desk)), "signature")


def test_a_signed_content_type_is_demanded(desk: Desk, secret: bytes) -> None:
    request = asked(put(desk, "image/svg+xml"), method="PUT")

    presign.verify(secret, request._replace(content_type="image/svg+xml"), NOON)
    refused(secret, request._replace(content_type="text/html"), "signed for the content type 'image/svg\\+xml'")
    refused(secret, request, "signed for the content type")
    query = "&".join(part for part in request.query.split("&") if not part.startswith("type="))
    refused(secret, request._replace(query=query, content_type="text/html"), "signature")


def test_without_a_signed_content_type_any_will_do(desk: Desk, secret: bytes) -> None:
    request = asked(put(desk), method="PUT")

    presign.verify(secret, request, NOON)
    presign.verify(secret, request._replace(content_type="text/html"), NOON)


@pytest.mark.parametrize("expires", [0, -1, 604_801, 1.5, True, "60", None])
def test_an_address_lives_for_one_second_to_seven_days(desk: Desk, secret: bytes, expires: Any) -> None:
    with pytest.raises(InvalidValueError, match="7 days"):
        get(desk, expires=expires)

    assert get(desk, expires=1)
    assert get(desk, expires=604_800)


@pytest.mark.parametrize("key", [".", "..", "", "x" * 1025])
def test_a_key_that_no_address_can_carry_is_refused(desk: Desk, secret: bytes, key: str) -> None:
    with pytest.raises(InvalidValueError):
        get(desk, key)


@pytest.mark.parametrize("key", ["d/../x", "a/../b", "/", "...", "?a=b#c", "a&signature=0", "nul\0", "%", "\u00e9"])
def test_an_awkward_key_survives_the_address(desk: Desk, secret: bytes, key: str) -> None:
    request = asked(get(desk, key))

    assert request.key == key
    presign.verify(secret, request, NOON)


def test_the_signing_key_and_old_addresses_outlive_a_restart_at_another_port(desk: Desk, secret: bytes) -> None:
    request = asked(get(desk))

    assert desk.do(presign.settle, "http://127.0.0.1:4001/") == secret
    assert get(desk).startswith("http://127.0.0.1:4001/_isthmus/")
    presign.verify(secret, request, NOON)


def test_two_stages_have_two_keys(desk: Desk, secret: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Desk(App("shop"), tmp_path / "other")

    assert other.do(presign.settle, ORIGIN) != secret
    other.database.close()


def test_without_a_gateway_nothing_is_signed(desk: Desk) -> None:
    with pytest.raises(ServiceError, match="gateway"):
        get(desk)


def test_a_content_type_that_is_no_header_is_not_signed(desk: Desk, secret: bytes) -> None:
    with pytest.raises(InvalidValueError):
        put(desk, "text/html\r\nx: y")
