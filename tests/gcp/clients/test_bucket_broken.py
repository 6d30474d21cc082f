"""The bucket client where Cloud Storage answers in part, wrongly, not at all, or refuses: made by the test."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from urllib3.exceptions import ProtocolError

from isthmus.errors import (
    AccessDeniedError,
    ServiceError,
)
from isthmus_gcp.connections import storage as storage_connection
from isthmus_gcp.services import Services
from tests.gcp.clients.google import errors
from tests.gcp.clients.linked import linked, services_of


class Breaking:
    """An answer of which each connection breaks after `good` bytes."""

    def __init__(self, answer: Any, good: int) -> None:
        self._answer = answer
        self._good = good
        self.headers = answer.headers
        self.raw = self

    def read(self, size: int, **options: Any) -> bytes:
        if self._good <= 0:
            raise ProtocolError("Connection broken")
        data: bytes = self._answer.raw.read(min(size, self._good), **options)
        self._good -= len(data)
        return data

    def close(self) -> None:
        self._answer.close()


def break_after(monkeypatch: pytest.MonkeyPatch, *goods: int) -> list[int]:
    """Break so many answers after so many bytes; returns where each began."""
    download, left, offsets = storage_connection.download, list(goods), list[int]()

    def breaking(services: Services, bucket: str, name: str, offset: int, generation: str, **options: Any) -> Any:
        offsets.append(offset)
        answer = download(services, bucket, name, offset, generation, **options)
        return Breaking(answer, left.pop(0)) if left else answer

    monkeypatch.setattr(storage_connection, "download", breaking)
    return offsets


def test_a_read_that_breaks_off_goes_on_where_it_broke(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(256)) * 4000
    files.put("a", data)
    offsets = break_after(monkeypatch, 1000, 5000)

    assert files.get("a") == data
    assert offsets == [0, 1000, 6000]


def test_a_read_goes_on_with_the_same_version(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put("a", b"old" * 1000)
    break_after(monkeypatch, 10)
    stream = files.open("a")
    assert stream.raw.read(3) == b"old"
    files.put("a", b"new" * 1000)

    with pytest.raises(ServiceError, match="is this stage deployed"), stream:
        stream.read()


def test_a_read_that_breaks_again_and_again_fails(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put("a", b"x" * 1000)
    break_after(monkeypatch, *[10] * 10)

    with pytest.raises(ServiceError, match="read was not answered: Connection broken"):
        files.get("a")


def test_what_was_damaged_on_its_way_is_not_returned(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put("a", b"x" * 1000)
    download = storage_connection.download

    def damaged(*arguments: Any, **options: Any) -> Any:
        answer = download(*arguments, **options)
        answer.headers["x-goog-hash"] = "crc32c=AAAAAA==,md5=x"
        return answer

    monkeypatch.setattr(storage_connection, "download", damaged)

    with pytest.raises(ServiceError, match="damaged"):
        files.get("a")


def test_a_dead_endpoint_fails_in_time(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "127.0.0.1:1")
    files = linked(services_of(deadline=0.5), "bucket", "files", ["read", "write"], name="Files")

    for ask in (lambda: files.put("a", b""), lambda: files.get("a"), lambda: files.head("a"), files.list):
        with pytest.raises(ServiceError, match="EMULATOR_HOST right"):
            ask()


def test_an_endpoint_that_never_answers_fails_in_time(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"127.0.0.1:{silent.getsockname()[1]}")
        files = linked(services_of(deadline=0.5), "bucket", "files", ["read", "write"], name="Files")
        began = time.monotonic()
        for ask in (lambda: files.put("a", b""), lambda: files.get("a"), files.list):
            with pytest.raises(ServiceError):
                ask()

    assert time.monotonic() - began < 10


def test_a_refusal_of_google_names_the_grant(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> Any:
        raise errors.Forbidden("not yours")

    monkeypatch.setattr(storage_connection, "download", denied)

    with pytest.raises(AccessDeniedError) as raised:
        files.get("a")
    assert "not yours" in raised.value.__notes__[0]
