from __future__ import annotations

import enum
import io
import os
import resource
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from isthmus import ports
from isthmus.declarations.app import App
from isthmus.errors import (
    ConditionFailedError,
    InvalidValueError,
    ObjectNotFoundError,
    ServiceError,
    TooLargeError,
)
from isthmus_local import presign
from isthmus_local.clients.bucket import BucketClient
from isthmus_local.store import buckets
from isthmus_local.store import objects as object_files
from tests.local.desk import NOON, BrokenTransport, Desk

AWKWARD = ["a b+c%2F.txt", "d/../x", "d/..", "/leading", "emoji-\N{PILE OF POO}", "nul\0inside", "new\nline"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    app.bucket("Files")
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


@pytest.fixture
def files(desk: Desk) -> ports.Bucket:
    return BucketClient(desk.link("Files"), desk, desk.objects)


class Pipe:
    """A file that can only be read forward, a little at a time."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = list(chunks)

    def read(self, size: int = -1) -> bytes:
        return self._chunks.pop(0) if self._chunks else b""


def test_what_is_put_is_got(files: ports.Bucket) -> None:
    info = files.put("a", b"\x00\xff", content_type="image/png", metadata={"by": "ann"})

    assert files.get("a") == b"\x00\xff"
    assert (info.key, info.size, info.content_type, info.modified) == ("a", 2, "image/png", NOON)
    assert info.metadata == {"by": "ann"}
    assert repr(info) == "<ObjectInfo 'a', 2 bytes, image/png>"
    head = files.head("a")
    assert head is not None
    assert head.etag == info.etag


@pytest.mark.parametrize("key", AWKWARD)
def test_an_awkward_key_goes_round(files: ports.Bucket, key: str) -> None:
    files.put(key, key)

    assert files.get(key).decode() == key
    assert [info.key for info in files.list(key)] == [key]
    files.delete(key)
    assert files.head(key) is None


@pytest.mark.parametrize(
    ("body", "stored", "content_type"),
    [
        (b"", b"", "application/octet-stream"),
        ("", b"", "text/plain; charset=utf-8"),
        ("\u00e9", b"\xc3\xa9", "text/plain; charset=utf-8"),
        (bytearray(b"ab"), b"ab", "application/octet-stream"),
        (memoryview(b"abcd")[::2], b"ac", "application/octet-stream"),
        (io.BytesIO(b"ab"), b"ab", "application/octet-stream"),
        (Pipe(b"a", b"b"), b"ab", "application/octet-stream"),
        ((chunk for chunk in (b"a", b"", b"b")), b"ab", "application/octet-stream"),
    ],
    ids=["bytes", "text", "unicode", "bytearray", "memoryview", "file", "pipe", "generator"],
)
def test_every_kind_of_body_is_stored(files: ports.Bucket, body: Any, stored: bytes, content_type: str) -> None:
    info = files.put("a", body)

    assert files.get("a") == stored
    assert info.content_type == content_type


def test_a_file_is_put_from_where_it_stands(files: ports.Bucket, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"0123456789")
    with (tmp_path / "in").open("rb") as stream:
        stream.seek(5)
        files.put("a", stream)

    assert files.get("a") == b"56789"


@pytest.mark.parametrize("body", [None, 7, {"a": 1}, ["a"], io.StringIO("text"), iter(["text"]), "\ud800"], ids=repr)
def test_what_is_no_body_is_refused_and_leaves_nothing(files: ports.Bucket, desk: Desk, body: Any) -> None:
    with pytest.raises(InvalidValueError):
        files.put("a", body)

    assert desk.files() == []
    assert files.head("a") is None


def test_a_file_that_has_nothing_yet_is_not_taken_for_an_empty_one(files: ports.Bucket, desk: Desk) -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with os.fdopen(reader, "rb", buffering=0) as stream, pytest.raises(InvalidValueError, match="NoneType"):
        files.put("a", stream)  # pyright: ignore[reportArgumentType]
    os.close(writer)

    assert desk.files() == []


def test_a_closed_file_is_refused_and_leaves_nothing(files: ports.Bucket, desk: Desk) -> None:
    stream = io.BytesIO(b"x")
    stream.close()

    with pytest.raises(ValueError, match="closed file"):
        files.put("a", stream)

    assert desk.files() == []


def test_a_body_that_fails_in_the_middle_keeps_the_old_object(files: ports.Bucket, desk: Desk) -> None:
    files.put("a", b"old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise OSError("the network went")

    with pytest.raises(OSError, match="network"):
        files.put("a", chunks())  # type: ignore[arg-type]

    assert files.get("a") == b"old"
    assert len(desk.files()) == 1


@pytest.mark.parametrize("key", ["", "x" * 1025, "\ud800", 7, None])
def test_what_is_no_key_is_refused_by_every_verb(files: ports.Bucket, desk: Desk, key: Any) -> None:
    verbs: list[Callable[[Any], Any]] = [files.get, files.open, files.head, files.delete]
    verbs += [files.presign_get, files.presign_put, partial(files.put, body=b"")]
    for verb in verbs:
        with pytest.raises(InvalidValueError):
            verb(key)

    assert desk.calls == []


def test_a_key_of_a_subclass_of_str_is_the_text_that_it_is(files: ports.Bucket) -> None:
    class Name(enum.StrEnum):
        LOGO = "logo.png"

    files.put(Name.LOGO, b"x")

    assert [info.key for info in files.list()] == ["logo.png"]


def test_what_is_not_there_is_told(files: ports.Bucket) -> None:
    with pytest.raises(ObjectNotFoundError, match="'Files' holds no object 'a'"):
        files.get("a")
    with pytest.raises(FileNotFoundError):
        files.open("a")

    assert files.head("a") is None
    files.delete("a")


def test_if_absent_refuses_and_leaves_no_file(files: ports.Bucket, desk: Desk) -> None:
    files.put("a", b"first", if_absent=True)

    with pytest.raises(ConditionFailedError):
        files.put("a", b"second", if_absent=True)

    assert files.get("a") == b"first"
    assert len(desk.files()) == 1


@pytest.mark.parametrize("racers", [8])
def test_of_many_that_put_if_absent_one_wins(files: ports.Bucket, desk: Desk, racers: int) -> None:
    won: list[int] = []
    barrier = threading.Barrier(racers)

    def race(number: int) -> None:
        barrier.wait()
        try:
            files.put("a", str(number), if_absent=True)
            won.append(number)
        except ConditionFailedError:
            pass

    threads = [threading.Thread(target=race, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert files.get("a").decode() == str(won[0])
    assert len(desk.files()) == 1


def test_a_put_whose_answer_is_lost_keeps_the_bytes_that_were_committed(files: ports.Bucket, desk: Desk) -> None:
    broken = BucketClient(desk.link("Files"), BrokenTransport(desk, ServiceError("gone")), desk.objects)

    with pytest.raises(ServiceError):
        broken.put("a", b"committed")

    assert files.get("a") == b"committed"


def test_an_open_stream_reads_the_version_of_its_time(files: ports.Bucket) -> None:
    files.put("a", b"old")

    with files.open("a") as stream:
        files.put("a", b"new")
        files.delete("a")

        assert stream.read(1) == b"o"
        assert stream.seek(0) == 0
        assert stream.read() == b"old"


def test_reading_while_others_overwrite_never_fails_and_never_mixes(files: ports.Bucket) -> None:
    bodies = {bytes([number]) * 50_000 for number in range(60)}
    files.put("a", b"\0" * 50_000)
    done = threading.Event()

    def overwrite() -> None:
        for body in bodies:
            files.put("a", body)
        done.set()

    thread = threading.Thread(target=overwrite)
    thread.start()
    read: set[bytes] = set()
    while not done.is_set():
        read.add(files.get("a"))
    thread.join()

    assert read <= bodies
    assert read


def test_an_overwrite_between_the_answer_and_the_file_is_read_again(
    files: ports.Bucket, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put("a", b"old")
    call = desk.call
    late: list[str] = []

    def overwritten(op: str, name: str, *args: Any) -> Any:
        answer = call(op, name, *args)
        if op == "bucket.read" and not late:
            late.append(op)
            files.put("a", b"new")
        return answer

    monkeypatch.setattr(desk, "call", overwritten)

    assert files.get("a") == b"new"


def test_a_delete_between_the_answer_and_the_file_is_not_found(
    files: ports.Bucket, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put("a", b"old")
    call = desk.call

    def deleted(op: str, name: str, *args: Any) -> Any:
        answer = call(op, name, *args)
        if op == "bucket.read":
            desk.do(buckets.delete, desk.resource("Files"), "a")
        return answer

    monkeypatch.setattr(desk, "call", deleted)

    with pytest.raises(ObjectNotFoundError):
        files.get("a")


def test_a_file_that_is_lost_is_told_and_no_endless_loop(files: ports.Bucket, desk: Desk) -> None:
    files.put("a", b"x")
    desk.files()[0].unlink()

    with pytest.raises(ServiceError, match="is gone"):
        files.get("a")


def test_pages_add_up(files: ports.Bucket) -> None:
    for number in range(5):
        files.put(f"p/{number}", b"")
    files.put("q", b"")
    first = files.list("p/", limit=3)
    second = files.list("p/", limit=3, cursor=first.cursor)

    assert [info.key for info in (*first, *second)] == [f"p/{number}" for number in range(5)]
    assert (len(first), len(second), second.cursor) == (3, 2, None)


@pytest.mark.parametrize("options", [{"limit": 0}, {"cursor": "?"}, {"prefix": "\ud800"}])
def test_a_listing_refuses_what_means_nothing(files: ports.Bucket, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        files.list(**options)


def test_metadata_and_content_type_are_checked_before_anything_is_written(files: ports.Bucket, desk: Desk) -> None:
    with pytest.raises(InvalidValueError):
        files.put("a", b"", content_type="a\nb")
    with pytest.raises(InvalidValueError):
        files.put("a", b"", metadata={"Upper": "x"})
    with pytest.raises(TooLargeError):
        files.put("a", b"", metadata={"a": "x" * 3000})

    assert desk.calls == []
    assert desk.files() == []


def test_an_object_over_the_limit_is_refused(files: ports.Bucket, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_files, "OBJECT_LIMIT", 10)

    with pytest.raises(TooLargeError):
        files.put("a", b"x" * 11)

    assert desk.files() == []


def test_200_mb_are_streamed_in_flat_memory(files: ports.Bucket) -> None:
    chunk = os.urandom(1024 * 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    info = files.put("big", (chunk for _ in range(200)))  # type: ignore[arg-type]
    with files.open("big") as stream:
        read = sum(len(part) for part in iter(lambda: stream.read(1024 * 1024), b""))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert info.size == read == 200 * 1024 * 1024
    assert grown < 40 * 1024  # kilobytes
    files.delete("big")


def test_addresses_are_signed_by_the_supervisor(files: ports.Bucket, desk: Desk) -> None:
    desk.do(presign.settle, "http://127.0.0.1:4000")

    assert files.presign_get("a b").startswith("http://127.0.0.1:4000/_isthmus/objects/Files/a%20b?method=GET&")
    assert "type=image%2Fpng" in files.presign_put("a", content_type="image/png")
    assert "method=PUT" in files.presign_put("a", expires=5)
    with pytest.raises(InvalidValueError):
        files.presign_get("a", expires=10**9)
    with pytest.raises(InvalidValueError):
        files.presign_put("a", content_type="")


def test_its_name_is_the_physical_one_and_its_repr_the_declared(files: ports.Bucket) -> None:
    assert files.name == "shop-test-Files"
    assert repr(files) == "<Bucket Files>"
