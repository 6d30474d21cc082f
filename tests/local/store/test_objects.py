from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import TooLargeError
from isthmus_local.store import objects as module
from isthmus_local.store.objects import Objects, Upload


def written(objects: Objects, bucket: str, *chunks: bytes) -> Upload:
    with objects.begin(bucket) as upload:
        for chunk in chunks:
            upload.write(chunk)
        upload.finish()
    return upload


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.fixture(params=[False, True], ids=["process", "power"])
def objects(tmp_path: Path, request: pytest.FixtureRequest) -> Objects:
    return Objects(tmp_path / "objects", durable=request.param)


def test_what_is_written_is_read(objects: Objects) -> None:
    upload = written(objects, "Files", b"one ", b"two", b"")

    with objects.open("Files", upload.file) as stream:
        assert stream.read() == b"one two"
    assert upload.size == 7
    assert upload.etag == hashlib.sha256(b"one two").hexdigest()


def test_an_empty_object_is_an_empty_file(objects: Objects) -> None:
    upload = written(objects, "Files")

    with objects.open("Files", upload.file) as stream:
        assert stream.read() == b""
    assert upload.size == 0


def test_files_and_directories_are_their_owners_alone(objects: Objects, tmp_path: Path) -> None:
    written(objects, "Files", b"x")

    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "objects").rglob("*"))


def test_a_power_safe_write_is_flushed_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []

    def note(descriptor: int) -> None:
        flushed.append("file" if stat.S_ISREG(os.fstat(descriptor).st_mode) else "directory")

    monkeypatch.setattr(os, "fsync", note)

    written(Objects(tmp_path / "plain"), "Files", b"x")
    assert flushed == []
    written(Objects(tmp_path / "safe", durable=True), "Files", b"x")

    assert flushed[-2:] == ["file", "directory"], "the bytes first, then the name"


def test_a_file_that_is_not_finished_is_removed(objects: Objects, tmp_path: Path) -> None:
    def write_half() -> None:
        with objects.begin("Files") as upload:
            upload.write(b"half")
            raise RuntimeError("the disk of somebody else")

    with pytest.raises(RuntimeError):
        write_half()

    assert files(tmp_path) == []


def test_a_finished_file_can_still_be_discarded(objects: Objects, tmp_path: Path) -> None:
    upload = written(objects, "Files", b"x")

    upload.discard()
    upload.discard()

    assert files(tmp_path) == []


def test_an_object_over_the_limit_is_refused_and_leaves_nothing(
    objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OBJECT_LIMIT", 10)

    with pytest.raises(TooLargeError):
        written(objects, "Files", b"x" * 10, b"x")

    assert files(tmp_path) == []


def test_a_stream_that_is_open_outlives_the_removal_of_its_file(objects: Objects) -> None:
    upload = written(objects, "Files", b"kept")

    with objects.open("Files", upload.file) as stream:
        objects.remove("Files", upload.file)
        objects.remove("Files", upload.file)

        assert stream.read() == b"kept"
    with pytest.raises(FileNotFoundError):
        objects.open("Files", upload.file)


def test_a_sweep_removes_what_no_row_names_and_keeps_the_rest(objects: Objects, tmp_path: Path) -> None:
    kept = written(objects, "Files", b"kept")
    written(objects, "Files", b"garbage")
    written(objects, "Other", b"garbage")
    (tmp_path / "objects" / "stray").write_bytes(b"?")

    removed = objects.sweep([("Files", kept.file)])

    assert removed == 3
    assert [path.name for path in files(tmp_path)] == [kept.file]
    assert objects.sweep([("Files", kept.file)]) == 0


def test_a_sweep_of_what_was_never_written_to_finds_nothing(objects: Objects) -> None:
    assert objects.sweep([]) == 0


@pytest.mark.parametrize("bucket", ["", ".", "..", "../other", "a/b", "a\0b", "/etc"])
def test_a_bucket_name_that_is_a_path_is_refused(objects: Objects, bucket: str) -> None:
    with pytest.raises(ValueError, match="no name of a bucket"):
        objects.begin(bucket)


@pytest.mark.parametrize("file", ["", "../../state.db", "a" * 31, "A" * 32, "g" * 32, "a" * 30 + "/a", None])
def test_a_file_name_that_is_a_path_is_refused(objects: Objects, file: str) -> None:
    with pytest.raises(ValueError, match="no name of an object's file"):
        objects.open("Files", file)


def test_many_threads_may_begin_in_a_bucket_that_is_new(objects: Objects, tmp_path: Path) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(8)

    def write() -> None:
        try:
            barrier.wait()
            for _ in range(10):
                written(objects, "Files", os.urandom(100))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(files(tmp_path)) == 80


def test_a_raw_file_that_takes_less_than_it_is_given_is_given_the_rest(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Reluctant:
        def __init__(self, descriptor: int) -> None:
            self._file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - closed below

        def write(self, data: memoryview) -> int:
            return self._file.write(data[:3]) or 0

        def fileno(self) -> int:
            return self._file.fileno()

        def close(self) -> None:
            self._file.close()

    def reluctant(descriptor: int, *_: Any, **__: Any) -> Reluctant:
        return Reluctant(descriptor)

    monkeypatch.setattr(os, "fdopen", reluctant)
    upload = written(objects, "Files", b"0123456789")

    with objects.open("Files", upload.file) as stream:
        assert stream.read() == b"0123456789"


def test_its_repr_tells_where_it_is(tmp_path: Path) -> None:
    assert repr(Objects(tmp_path)) == f"<Objects of {tmp_path}>"
