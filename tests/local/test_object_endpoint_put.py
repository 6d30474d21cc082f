"""Objects that are put to their presigned addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus_local import object_endpoint
from tests.local.object_bench import HTML, Bench, opened


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(tmp_path) as bench:
        yield bench


def test_what_is_put_is_an_object_with_its_event(bench: Bench) -> None:
    answer = bench.put(bench.put_address("in/\u00e9 b"), b"he", b"", b"llo", content_type="text/plain")

    assert answer.status == 200
    row = bench.head("in/\u00e9 b")
    assert row[1] == 5
    assert row[3] == "text/plain"
    assert answer.headers["etag"] == f'"{row[2]}"'
    assert bench.ask("GET", bench.get_address("in/\u00e9 b")).body == b"hello"
    assert [event["key"] for event in bench.desk.bodies("Files>FilesStored")] == ["in/\u00e9 b"]


def test_a_put_without_a_content_type_is_bytes(bench: Bench) -> None:
    bench.put(bench.put_address("a"), b"x", content_length="1")

    assert bench.head("a")[3] == "application/octet-stream"


def test_a_put_of_another_content_type_than_signed_is_403(bench: Bench) -> None:
    address = bench.put_address("a", "image/png")

    assert bench.put(address, HTML, content_type="text/html").status == 403
    assert bench.put(address, HTML).status == 403
    assert bench.put(address, b"png", content_type="image/png").status == 200


@pytest.mark.parametrize("declared", ["4", "6"])
def test_a_body_of_another_length_than_declared_is_400_and_leaves_nothing(bench: Bench, declared: str) -> None:
    answer = bench.put(bench.put_address("a"), b"hello", content_length=declared)

    assert answer.status == 400
    assert bench.head("a") is None
    assert bench.desk.files() == []


@pytest.mark.parametrize("declared", ["x", "-1", "\xb2", "9" * 19])
def test_a_length_that_is_no_number_is_400(bench: Bench, declared: str) -> None:
    assert bench.put(bench.put_address("a"), b"hello", content_length=declared).status == 400


def test_a_length_over_the_limit_is_413_before_anything_is_read(bench: Bench) -> None:
    answer = bench.ask("PUT", bench.put_address("a"), headers={"content-length": str(6 * 1024**3)}, events=[])

    assert answer.status == 413
    assert bench.desk.files() == []


def test_a_body_that_grows_over_the_limit_is_413_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_endpoint, "OBJECT_LIMIT", 10)
    answer = bench.put(bench.put_address("a"), b"x" * 6, b"x" * 5)

    assert answer.status == 413
    assert bench.desk.files() == []


def test_an_upload_that_is_aborted_leaves_nothing(bench: Bench) -> None:
    half = {"type": "http.request", "body": b"x" * 2_000_000, "more_body": True}
    sent = asyncio.run(bench.exchange("PUT", bench.put_address("a"), (), [half, {"type": "http.disconnect"}]))

    assert sent == []
    assert bench.head("a") is None
    assert bench.desk.files() == []


def test_a_doubled_header_is_400(bench: Bench) -> None:
    headers = [("content-type", "text/plain"), ("content-type", "text/html")]

    assert bench.ask("PUT", bench.put_address("a"), headers=headers).status == 400


def test_a_content_type_that_could_break_a_header_is_400(bench: Bench) -> None:
    assert bench.put(bench.put_address("a"), b"x", content_type="text/\x01html").status == 400
    assert bench.desk.files() == []


def test_a_put_whose_commit_is_in_doubt_keeps_its_bytes(bench: Bench) -> None:
    address = bench.put_address("a")
    bench.desk.database.close()

    assert bench.put(address, b"x").status == 503
    assert len(bench.desk.files()) == 1, "a sweep decides at the next start"
