"""The bucket client against the API of S3; conflicts and broken connections, which no emulator makes, are stubbed."""

from __future__ import annotations

import io
import tracemalloc
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest

from isthmus import context as contexts
from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    ObjectNotFoundError,
    ServiceError,
    TooLargeError,
)
from isthmus.links import Identity
from isthmus.testing.contract.buckets import AWKWARD_KEYS
from isthmus.testing.factories import context
from isthmus_aws import wire
from isthmus_aws.clients import upload
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ClientError, StreamingBody, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack

MIB = 1024 * 1024


def signed(address: str) -> SplitResult:
    """Return the parts of an address."""
    return urlsplit(address)


class Zeros(io.RawIOBase):
    """A file of `size` zeros; reading beyond `broken` fails."""

    def __init__(self, size: int, *, broken: int | None = None) -> None:
        self._left = size
        self._broken = size - broken if broken is not None else -1

    def read(self, size: int = -1) -> bytes:
        if self._left <= self._broken:
            raise OSError("the disk is gone")
        count = self._left if size < 0 else min(size, self._left)
        self._left -= count
        return bytes(count)


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a new bucket."""
    name = f"files-{uuid.uuid4().hex}"
    ministack.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def files(services: Services, name: str) -> Any:
    return linked(services, "bucket", name, ["read", "write"], name="Files")


@pytest.fixture
def operations(services: Services) -> Iterator[list[str]]:
    """Return a list of the operations that S3 is asked for, as they happen."""
    seen: list[str] = []
    events = services.client("s3").meta.events

    def note(event_name: str, **_: Any) -> None:
        seen.append(event_name.rpartition(".")[2])

    events.register("before-call.s3", note)
    yield seen
    events.unregister("before-call.s3", note)


def test_what_is_known_of_an_object_is_what_was_put(ministack: Ministack, files: Any) -> None:
    put = files.put("a/b", b"\x00\xff body", content_type="image/png", metadata={"owner": "ann", "x-y_z": "1"})
    head = files.head("a/b")
    seen = ministack.client("s3").head_object(Bucket=files.name, Key="a/b")

    assert (put.key, put.size, put.etag, put.content_type, put.metadata) == (
        *(head.key, head.size, head.etag, head.content_type),
        head.metadata,
    )
    assert head.metadata == {"owner": "ann", "x-y_z": "1"}
    assert abs(put.modified - head.modified) < 5
    assert put.etag == seen["ETag"].strip('"')
    assert files.get("a/b") == b"\x00\xff body"


def test_the_envelope_of_what_wrote_it_is_in_the_metadata_and_hidden(ministack: Ministack, files: Any) -> None:
    token = contexts.current.set(context(correlation_id="c-1"))
    try:
        files.put("small", b"x", metadata={"owner": "ann"})
        files.put("large", Zeros(9 * MIB))
    finally:
        contexts.current.reset(token)
    for key in ("small", "large"):
        stored = ministack.client("s3").head_object(Bucket=files.name, Key=key)["Metadata"]
        assert wire.envelope_of(stored[wire.ENVELOPE]).correlation_id == "c-1"

    assert files.head("small").metadata == {"owner": "ann"}
    assert files.head("large").metadata == {}


def test_a_users_metadata_of_the_limit_leaves_the_envelope_no_room(ministack: Ministack, files: Any) -> None:
    full = {"a": "x" * 2047}
    files.put("full", b"x", metadata=full)

    assert files.head("full").metadata == full
    assert wire.ENVELOPE not in ministack.client("s3").head_object(Bucket=files.name, Key="full")["Metadata"]
    with pytest.raises(TooLargeError):
        files.put("full", b"x", metadata={"a": "x" * 2048})


@pytest.mark.parametrize("metadata", [{"A": "x"}, {"a": "é"}, {"a": " x"}, {"a": "x\r\ny: z"}, {wire.ENVELOPE: "{}"}])
def test_metadata_that_is_not_kept_as_it_is_is_refused(files: Any, metadata: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        files.put("a", b"", metadata=metadata)


@pytest.mark.parametrize("key", AWKWARD_KEYS, ids=ascii)
def test_an_object_of_any_key_is_kept_as_it_is(files: Any, key: str) -> None:
    key = f"d/{key}"
    files.put(key, b"one")
    files.put(f"{key}2", b"two")

    assert files.get(key) == b"one"
    assert [entry.key for entry in files.list(key)] == [key, f"{key}2"]
    files.delete(key)
    assert files.head(key) is None
    assert files.get(f"{key}2") == b"two"


@pytest.mark.parametrize("key", ["", "x" * 1025, "é" * 513, "\ud800", "a/../../b", 7, None], ids=ascii)
def test_a_key_that_no_bucket_takes_is_refused(files: Any, key: Any) -> None:
    for call in (files.get, files.open, files.head, files.delete, files.presign_get, files.presign_put):
        with pytest.raises(InvalidValueError):
            call(key)
    with pytest.raises(InvalidValueError):
        files.put(key, b"")


@pytest.mark.parametrize("body", ["é", b"", bytearray(b"x"), memoryview(b"xy"), io.BytesIO(b"abc"), iter([b"a", b"b"])])
def test_whatever_has_bytes_is_put(files: Any, body: Any) -> None:
    expected = {"str": "é".encode(), "bytes": b"", "bytearray": b"x", "memoryview": b"xy", "BytesIO": b"abc"}
    files.put("a", body)

    assert files.get("a") == expected.get(type(body).__name__, b"ab")


@pytest.mark.parametrize("body", [None, 7, {"a": 1}, io.StringIO("text"), iter(["text"])], ids=repr)
def test_what_has_none_is_refused_and_nothing_is_put(files: Any, operations: list[str], body: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.put("a", body)

    assert operations == []


def test_up_to_the_size_of_a_part_an_object_goes_in_one_call_and_beyond_it_in_parts(
    files: Any, operations: list[str]
) -> None:
    files.put("a", Zeros(upload.PART))
    assert operations == ["PutObject"]
    operations.clear()
    put = files.put("a", Zeros(upload.PART + 1), content_type="image/png", metadata={"owner": "ann"})

    assert operations == ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"]
    assert (put.size, put.etag) == (upload.PART + 1, files.head("a").etag)
    assert (files.head("a").content_type, files.head("a").metadata) == ("image/png", {"owner": "ann"})
    assert files.get("a") == bytes(upload.PART + 1)


def test_a_large_file_goes_up_and_comes_down_in_flat_memory(files: Any) -> None:
    files.put("warm", Zeros(9 * MIB))
    tracemalloc.start()
    try:
        files.put("large", Zeros(64 * MIB))
        with files.open("large") as stream:
            size = sum(len(chunk) for chunk in iter(lambda: stream.read(MIB), b""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size == 64 * MIB
    assert peak < 4 * upload.PART


def test_an_upload_that_fails_in_the_middle_leaves_nothing(
    ministack: Ministack, files: Any, operations: list[str]
) -> None:
    with pytest.raises(OSError, match="the disk is gone"):
        files.put("a", Zeros(40 * MIB, broken=20 * MIB))

    assert operations[-1] == "AbortMultipartUpload"
    assert ministack.client("s3").list_multipart_uploads(Bucket=files.name).get("Uploads", []) == []
    assert files.head("a") is None


def test_if_absent_writes_only_where_nothing_is_also_in_parts(ministack: Ministack, files: Any) -> None:
    files.put("small", b"one", if_absent=True)
    files.put("large", Zeros(9 * MIB), if_absent=True)
    for key, body in (("small", b"two"), ("large", Zeros(10 * MIB))):
        with pytest.raises(ConditionFailedError, match=key):
            files.put(key, body, if_absent=True)

    assert files.get("small") == b"one"
    assert files.head("large").size == 9 * MIB
    assert ministack.client("s3").list_multipart_uploads(Bucket=files.name).get("Uploads", []) == []


def test_a_put_that_another_disturbs_is_tried_again_and_then_the_condition_decides(
    services: Services, name: str
) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    stubber = Stubber(services.client("s3"))
    stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stubber.add_response("put_object", {"ETag": '"e"'})
    stubber.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stubber.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    files = linked(services, "bucket", name, ["write"])
    with stubber:
        assert files.put("a", b"x", if_absent=True).etag == "e"
        with pytest.raises(ConditionFailedError):
            files.put("a", b"x", if_absent=True)
        stubber.assert_no_pending_responses()


def test_an_object_that_is_not_there(files: Any) -> None:
    for call in (files.get, files.open):
        with pytest.raises(ObjectNotFoundError) as caught:
            call("none")
        assert isinstance(caught.value.__cause__, ClientError)
    assert files.head("none") is None
    files.delete("none")


def test_a_stream_reads_by_bytes_and_by_lines(files: Any) -> None:
    files.put("a", b"one\ntwo\n" + b"x" * 300_000)
    with files.open("a") as stream:
        assert stream.readable()
        assert not stream.seekable()
        assert stream.read(2) == b"on"
        assert stream.readline() == b"e\n"
        assert stream.readline() == b"two\n"
        assert len(stream.read()) == 300_000
        assert stream.read() == b""
    assert stream.closed


def test_an_answer_that_is_cut_short_is_an_error_and_not_a_short_object(services: Services, name: str) -> None:
    stubber = Stubber(services.client("s3"))
    stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"abc"), 10)})
    with stubber, pytest.raises(ServiceError):
        linked(services, "bucket", name, ["read"]).get("a")


def test_a_listing_is_in_order_of_the_bytes_and_comes_in_pages(files: Any) -> None:
    names = ["b", "a", "é", "Z", "a/b", "a!", "\uffff", "\U0001f600", *(f"n{n:02}" for n in range(10))]
    for name in [*names, "other"]:
        files.put(f"in/{name}" if name != "other" else name, b"x")
    found: list[str] = []
    cursor: str | None = None
    while not found or cursor is not None:
        page = files.list("in/", limit=4, cursor=cursor)
        assert len(page) <= 4
        found += [entry.key for entry in page]
        cursor = page.cursor

    assert found == sorted((f"in/{name}" for name in names), key=str.encode)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None, "4"], ids=repr)
def test_a_limit_that_makes_no_page_is_refused(files: Any, limit: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.list(limit=limit)


def test_a_limit_over_a_thousand_gives_a_page_of_a_thousand(services: Services, name: str) -> None:
    stubber = Stubber(services.client("s3"))
    stubber.add_response("list_objects_v2", {}, {"Bucket": name, "Prefix": "", "MaxKeys": 1000})
    with stubber:
        assert list(linked(services, "bucket", name, ["read"]).list(limit=5000)) == []


def test_a_cursor_that_is_none_is_refused(services: Services, name: str) -> None:
    # The emulator takes any; AWS answers InvalidArgument.
    stubber = Stubber(services.client("s3"))
    stubber.add_client_error("list_objects_v2", "InvalidArgument", "The continuation token provided is incorrect")
    with stubber, pytest.raises(InvalidValueError, match="continuation token"):
        linked(services, "bucket", name, ["read"]).list(cursor="nonsense")


def test_a_signed_address_binds_method_key_expiry_and_content_type(files: Any) -> None:
    get = signed(files.presign_get("a b+é?/../x", expires=60))
    put = signed(files.presign_put("a", content_type="text/plain"))
    free = signed(files.presign_put("a"))

    assert get.path == f"/{files.name}/a%20b%2B%C3%A9%3F/../x"
    assert parse_qs(get.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert parse_qs(get.query)["X-Amz-Expires"] == ["60"]
    assert parse_qs(put.query)["X-Amz-SignedHeaders"] == ["content-type;host"]
    assert parse_qs(free.query)["X-Amz-SignedHeaders"] == ["host"]


def test_an_address_of_aws_names_the_bucket_in_its_host_and_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    identity = Identity(app="orders", stage="test", provider="aws", function="Caller", account="123456789012")
    files = linked(Services(identity, region="eu-central-1"), "bucket", "orders-files", ["read", "write"])
    address = signed(files.presign_get("a"))

    assert (address.scheme, address.netloc) == ("https", "orders-files.s3.eu-central-1.amazonaws.com")
    assert "eu-central-1/s3/aws4_request" in parse_qs(address.query)["X-Amz-Credential"][0]


@pytest.mark.parametrize("expires", [0, -1, 7 * 24 * 3600 + 1, 1.5, True, None], ids=repr)
def test_an_address_for_no_time_or_too_long_is_refused(files: Any, expires: Any) -> None:
    for call in (files.presign_get, files.presign_put):
        with pytest.raises(InvalidValueError):
            call("a", expires=expires)


@pytest.mark.parametrize("kind", ["", "é", "a\r\nb", "x" * 257], ids=repr)
def test_a_content_type_that_could_be_no_header_is_refused(files: Any, kind: str) -> None:
    with pytest.raises(InvalidValueError):
        files.presign_put("a", content_type=kind)
    if kind:
        with pytest.raises(InvalidValueError):
            files.put("a", b"", content_type=kind)


def test_a_verb_that_is_not_linked_is_refused_before_any_call(services: Services) -> None:
    reader, writer = (linked(services, "bucket", "none", [verb]) for verb in ("read", "write"))

    for call in (reader.delete, reader.presign_put, reader.put):
        with pytest.raises(AccessDeniedError, match=r"link=\[thing.write\]"):
            call("a", *([b""] if call == reader.put else []))
    for call in (writer.get, writer.open, writer.head, writer.presign_get, writer.list):
        with pytest.raises(AccessDeniedError, match=r"link=\[thing.read\]"):
            call("a")


def test_a_bucket_that_is_not_there_is_told(services: Services) -> None:
    missing = linked(services, "bucket", "no-such-bucket", ["read", "write"])

    for call in (lambda: missing.put("a", b""), lambda: missing.get("a"), missing.list):
        with pytest.raises(ServiceError) as caught:
            call()
        assert isinstance(caught.value.__cause__, ClientError)
