"""The bucket client against fake-gcs-server (corrected): objects, their metadata, and listings."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

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
from isthmus.testing.contract.buckets import AWKWARD_KEYS
from isthmus.testing.factories import context
from isthmus_gcp import wire
from isthmus_gcp.clients import upload
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.storage import Storage
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.linked import linked, services_of

MIB = 1024 * 1024

KEYS = ("a\nb", "a\rb", "a\tb", "a\x0cb", "\t\x01", "\t\x02", "\x0c\x01", "tail\n", "\n", "..a", *AWKWARD_KEYS)


class Zeros(io.RawIOBase):
    """A file of `size` zeros that cannot be sought in; reading beyond `broken` fails."""

    def __init__(self, size: int, *, broken: int | None = None) -> None:
        self._left = size
        self._broken = size - broken if broken is not None else -1

    def read(self, size: int = -1) -> bytes:
        if self._left <= self._broken:
            raise OSError("the disk is gone")
        count = self._left if size < 0 else min(size, self._left)
        self._left -= count
        return bytes(count)


# Objects


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_an_object_of_any_key_is_kept_as_it_is(files: Any, key: str) -> None:
    key = f"case/{key}" if key.startswith("..") else key
    put = files.put(key, b"\x00\xff", content_type="image/png", metadata={"owner": "ann"})
    head = files.head(key)

    assert files.get(key) == b"\x00\xff"
    assert (put.key, put.size, put.etag, put.modified) == (head.key, head.size, head.etag, head.modified)
    assert (head.key, head.size, head.content_type, head.metadata) == (key, 2, "image/png", {"owner": "ann"})
    assert [entry.key for entry in files.list(key)] == [key]
    files.delete(key)
    files.delete(key)
    assert files.head(key) is None


@pytest.mark.parametrize("key", ["", ".", "x" * 1025, "\t" * 513, "../up", ".well-known/acme-challenge/x", "\ud800", 5])
def test_a_key_that_cloud_storage_does_not_take_is_refused(files: Any, key: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.put(key, b"")
    with pytest.raises(InvalidValueError):
        files.get(key)


def test_the_envelope_rides_in_the_metadata_and_is_no_part_of_it(files: Any, kept: Any) -> None:
    token = contexts.current.set(context(correlation_id="c-1"))
    try:
        put = files.put("a", "text", metadata={"mine": "1"})
    finally:
        contexts.current.reset(token)
    stored = kept.get_blob("a").metadata

    assert wire.envelope_of(stored[wire.ENVELOPE]).correlation_id == "c-1"
    assert put.metadata == files.head("a").metadata == {"mine": "1"}
    assert put.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize("given", [{"isthmus-envelope": "x"}, {"Upper": "x"}, {"a": "é"}, {"a": " x"}])
def test_metadata_that_not_every_provider_keeps_is_refused(files: Any, given: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        files.put("a", b"", metadata=given)


def test_too_much_metadata_is_refused(files: Any) -> None:
    files.put("a", b"", metadata={"a": "x" * 2047})

    with pytest.raises(TooLargeError):
        files.put("a", b"", metadata={"a": "x" * 2048})


def test_if_absent_writes_only_where_nothing_is(files: Any) -> None:
    files.put("a", b"first", if_absent=True)

    with pytest.raises(ConditionFailedError, match="'Files' has an object 'a' already"):
        files.put("a", b"second", if_absent=True)
    with pytest.raises(ConditionFailedError):
        files.put("a", Zeros(upload.PART + 1), if_absent=True)
    assert files.get("a") == b"first"


def test_of_many_who_write_if_absent_one_does(files: Any) -> None:
    def put(number: int) -> bool:
        try:
            files.put("a", str(number), if_absent=True)
        except ConditionFailedError:
            return False
        return True

    assert sum(at_once(put, 16)) == 1


def test_a_write_whose_answer_was_lost_has_succeeded(
    services: Services, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = services.storage()._http
    request = session.request
    lost: list[str] = []

    def lose(method: str, url: str, **options: Any) -> Any:
        answer = request(method, url, **options)
        if method == "POST" and not lost:
            lost.append(url)
            raise ConnectionResetError("the answer was lost")
        return answer

    monkeypatch.setattr(session, "request", lose)
    put = files.put("a", b"text", if_absent=True)

    assert lost
    assert put.etag == files.head("a").etag


@pytest.mark.parametrize("size", [0, 1, upload.PART - 1, upload.PART, upload.PART + 1, 2 * upload.PART, 20 * MIB + 3])
def test_a_file_of_any_size_is_streamed_and_read_back(files: Any, size: int) -> None:
    put = files.put("big", Zeros(size), content_type="x/y", metadata={"a": "1"})
    total = 0
    with files.open("big") as stream:
        while data := stream.read(MIB):
            total += len(data)

    assert (put.size, put.content_type, total) == (size, "x/y", size)
    assert files.head("big").metadata == {"a": "1"}


def test_a_large_object_goes_and_comes_in_flat_memory(files: Any) -> None:
    files.put("warm", b"x")
    files.get("warm")
    tracemalloc.start()
    try:
        files.put("big", Zeros(64 * MIB))
        with files.open("big") as stream:
            while stream.read(MIB):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 5 * upload.PART


def test_a_file_that_breaks_leaves_no_object(files: Any) -> None:
    for broken in (MIB, upload.PART + MIB):
        with pytest.raises(OSError, match="the disk is gone"):
            files.put("a", Zeros(3 * upload.PART, broken=broken))

    assert files.head("a") is None


def test_what_is_no_body_is_refused(files: Any) -> None:
    for body in (5, None, io.StringIO("text"), {"a": 1}):
        with pytest.raises(InvalidValueError):
            files.put("a", body)


def test_text_is_read_by_lines(files: Any) -> None:
    files.put("a", "eins\nzwei\n")

    with files.open("a") as stream:
        assert list(stream) == [b"eins\n", b"zwei\n"]


def test_what_others_stored_compressed_comes_as_it_is(files: Any, kept: Any) -> None:
    blob = kept.blob("a")
    blob.content_encoding = "gzip"
    blob.upload_from_string(b"\x1f\x8b not really")

    assert files.get("a") == b"\x1f\x8b not really"


def test_an_object_that_is_not_there(files: Any) -> None:
    with pytest.raises(ObjectNotFoundError):
        files.get("nothing")
    with pytest.raises(ObjectNotFoundError):
        files.open("nothing")
    assert files.head("nothing") is None


def test_a_bucket_that_is_not_there_is_no_missing_object(services: Services, storage: Storage) -> None:
    nowhere = linked(services, "bucket", "nowhere-at-all", ["read", "write"], name="Files")

    with pytest.raises(ServiceError, match="is this stage deployed"):
        nowhere.put("a", b"")
    with pytest.raises(ServiceError, match="is this stage deployed"):
        nowhere.list()


# Listings


def test_a_listing_is_in_order_of_the_bytes_and_comes_in_pages(files: Any) -> None:
    keys = sorted(
        ["a", "a/b", "a\t", "a\tz", "a\n", "a\nz", "a\x0b", "a\x0c", "a\r", "a\x0e", "é", "z", "😀"], key=str.encode
    )
    for key in reversed(keys):
        files.put(key, b"")
    listed: list[str] = []
    page = files.list(limit=4)
    while True:
        listed += [entry.key for entry in page]
        if page.cursor is None:
            break
        page = files.list(limit=4, cursor=page.cursor)

    assert listed == keys
    assert [entry.key for entry in files.list("a\n")] == ["a\n", "a\nz"]
    assert [entry.key for entry in files.list("a\t")] == ["a\t", "a\tz"]


def test_a_listing_of_nothing_is_empty(files: Any) -> None:
    page = files.list("nothing")

    assert (list(page), page.cursor) == ([], None)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None])
def test_a_limit_that_is_none_is_refused(files: Any, limit: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.list(limit=limit)


# Links


def test_without_the_verb_nothing_is_asked() -> None:
    reader = linked(services_of(), "bucket", "files", ["read"], name="Files")
    writer = linked(services_of(), "bucket", "files", ["write"], name="Files")

    for call in (writer.get, writer.open, writer.head, writer.presign_get, reader.delete, reader.presign_put):
        with pytest.raises(AccessDeniedError):
            call("a")
    with pytest.raises(AccessDeniedError):
        reader.put("a", b"")
    with pytest.raises(AccessDeniedError):
        writer.list()


def test_several_threads_use_one_client(files: Any) -> None:
    def round_trip(number: int) -> bool:
        key, data = f"k/{number}", bytes([number]) * 100_000
        files.put(key, data)
        return bool(files.get(key) == data and files.head(key).size == len(data))

    assert all(at_once(round_trip, 64, threads=16))
    assert len(files.list("k/")) == 64
