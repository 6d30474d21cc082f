"""Objects that are got through their presigned addresses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus_local import presign
from tests.local.desk import NOON
from tests.local.object_bench import HTML, ORIGIN, Bench, opened


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as bench:
        yield bench


def test_an_object_is_got(bench: Bench) -> None:
    bench.store("a/b", b"hello", "text/plain")
    answer = bench.ask("GET", bench.get_address("a/b"))

    assert answer.status == 200
    assert answer.body == b"hello"
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == "5"
    assert answer.headers["etag"] == f'"{bench.head("a/b")[2]}"'
    assert answer.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_what_was_uploaded_never_runs_as_a_page(bench: Bench) -> None:
    bench.store("evil.html", HTML)
    answer = bench.ask("GET", bench.get_address("evil.html"))

    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_head_has_the_headers_and_no_body(bench: Bench) -> None:
    bench.store("a", b"hello")
    answer = bench.ask("HEAD", bench.get_address("a"))

    assert answer.status == 200
    assert answer.headers["content-length"] == "5"
    assert answer.body == b""


def test_an_object_of_many_chunks_arrives_whole(bench: Bench) -> None:
    body = os.urandom(3 * 1024 * 1024 + 17)
    bench.store("big", body)

    assert bench.ask("GET", bench.get_address("big")).body == body


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("nonsense", 200, b"0123456789", None),
    ],
)
def test_a_single_range_is_served(bench: Bench, asked: str, status: int, body: bytes, told: str | None) -> None:
    bench.store("a", b"0123456789")
    answer = bench.ask("GET", bench.get_address("a"), headers={"range": asked})

    assert (answer.status, answer.body) == (status, body)
    assert answer.headers.get("content-range") == told


def test_a_range_of_another_version_is_the_whole(bench: Bench) -> None:
    bench.store("a", b"0123456789")
    address = bench.get_address("a")
    etag = bench.ask("HEAD", address).headers["etag"]

    assert bench.ask("GET", address, headers={"range": "bytes=0-1", "if-range": etag}).status == 206
    assert bench.ask("GET", address, headers={"range": "bytes=0-1", "if-range": '"old"'}).status == 200


def test_an_object_that_is_not_there_is_404(bench: Bench) -> None:
    answer = bench.ask("GET", bench.get_address("nothing"))

    assert answer.status == 404
    assert "holds no object 'nothing'" in answer.detail()


def test_an_address_that_was_not_signed_is_403_whatever_is_there(bench: Bench) -> None:
    bench.store("a", b"x")
    base = f"{ORIGIN}{presign.PATH}"
    answers = [bench.ask("GET", base + path) for path in ("Files/a", "Files/nothing", "Unknown/a")]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert len({answer.detail() for answer in answers}) == 1


def test_an_expired_address_is_403(bench: Bench) -> None:
    bench.store("a", b"x")
    address = bench.get_address("a")
    bench.desk.now = NOON + 61

    assert "expired" in bench.ask("GET", address).detail()


def test_a_bucket_that_is_declared_no_more_is_404(bench: Bench) -> None:
    address = bench.get_address("a")
    bench.endpoint._buckets = {}  # pyright: ignore[reportPrivateUsage]

    assert bench.ask("GET", address).status == 404


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_another_method_is_405_with_those_allowed(bench: Bench, method: str) -> None:
    answer = bench.ask(method, bench.get_address("a"))

    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, PUT"


@pytest.mark.parametrize("path", ["", "Files", "Files/", "/a", "../../state.db"])
def test_what_is_no_address_of_an_object_is_refused(bench: Bench, path: str) -> None:
    answer = bench.ask("GET", f"{ORIGIN}{presign.PATH}{path}")

    assert answer.status in {403, 404}


def test_a_key_that_is_no_utf_8_is_400(bench: Bench) -> None:
    assert bench.ask("GET", f"{ORIGIN}{presign.PATH}Files/%ff").status == 400


def test_a_server_that_tells_no_raw_path_is_understood(bench: Bench) -> None:
    bench.store("a b/\u00e9%", b"x")
    bench.raw_paths = False

    assert bench.ask("GET", bench.get_address("a b/\u00e9%")).body == b"x"


def test_a_path_elsewhere_is_404(bench: Bench) -> None:
    assert bench.ask("GET", f"{ORIGIN}/orders/1").status == 404


def test_a_store_that_cannot_answer_is_503_and_tells_no_more(bench: Bench) -> None:
    address = bench.get_address("a")
    bench.desk.database.close()
    answer = bench.ask("GET", address)

    assert answer.status == 503
    assert answer.detail() == "the object store could not answer"


def test_a_file_that_is_lost_is_503_and_no_endless_loop(bench: Bench) -> None:
    bench.store("a", b"x")
    bench.desk.files()[0].unlink()

    assert bench.ask("GET", bench.get_address("a")).status == 503


def test_an_overwrite_between_the_row_and_the_file_is_read_as_the_new_object(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.store("a", b"old")
    opened = bench.desk.objects.open
    overwritten: list[str] = []

    def late(_: Any, bucket: str, file: str) -> Any:
        if not overwritten:
            overwritten.append(file)
            bench.store("a", b"new")
        return opened(bucket, file)

    monkeypatch.setattr(type(bench.desk.objects), "open", late)

    assert bench.ask("GET", bench.get_address("a")).body == b"new"
