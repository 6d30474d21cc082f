"""Object bytes: each version of an object is one file, whose random name is all that the state database knows of it.

A file is written whole, and made durable, before the row that names it is committed: the row makes the object exist. A
crash between the two leaves a file without a row, which `sweep` removes at the next start; never a row without bytes.
Keys never become file names. This module is read by workers too, so it imports little.
"""

from __future__ import annotations

import contextlib
import os

from isthmus._typing import Any, Iterable, Iterator, TracebackType
from isthmus.errors import TooLargeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

OBJECT_LIMIT = 5 * 1024**3
"""The most bytes of one object: what the clouds take in a single request."""

CHUNK = 1024 * 1024
"""How many bytes of an object are in memory at once."""

_HEX = frozenset("0123456789abcdef")


class Upload:
    """A file being written: `finish` makes it durable; leaving the `with` block before that removes it.

    `file` is its name, to be stored in the object's row; `size` and `etag` (SHA-256) describe what was written.
    """

    __slots__ = ("_digest", "_durable", "_finished", "_path", "_stream", "file", "size")

    def __init__(self, path: str, file: str, *, durable: bool) -> None:
        import hashlib

        self.file = file
        self.size = 0
        self._digest = hashlib.sha256()
        self._durable = durable
        self._finished = False
        self._path = path
        self._stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)

    @property
    def etag(self) -> str:
        """The digest of the bytes so far."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append bytes; `TooLargeError` past the limit of an object."""
        view = memoryview(chunk).cast("B")
        self.size += len(view)
        if self.size > OBJECT_LIMIT:
            raise TooLargeError("the object", self.size, OBJECT_LIMIT)
        self._digest.update(view)
        while view:  # a raw file may take less than it is given
            view = view[self._stream.write(view) :]

    def finish(self) -> None:
        """Close the file, on the disk where durability asks for that: now a row may name it."""
        if self._durable:
            os.fsync(self._stream.fileno())
        self._stream.close()
        if self._durable:
            _sync_directory(os.path.dirname(self._path))
        self._finished = True

    def discard(self) -> None:
        """Remove the file: nothing names it."""
        self._stream.close()
        _unlink(self._path)

    def __enter__(self) -> Upload:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self.discard()


class Objects:
    """The files of all buckets of one app and stage, under the directory `root`.

    `durable` flushes each file to the disk before it counts as written, so that it survives a power cut.
    """

    __slots__ = ("_durable", "root")

    def __init__(self, root: str | os.PathLike[str], *, durable: bool = False) -> None:
        self.root = os.fspath(root)
        self._durable = durable

    def begin(self, bucket: str) -> Upload:
        """Return a new, empty file of `bucket` to write to."""
        file = os.urandom(16).hex()
        path = self._path(bucket, file)
        try:
            return Upload(path, file, durable=self._durable)
        except FileNotFoundError:  # the first one here
            _make_directory(os.path.dirname(path), durable=self._durable)
            return Upload(path, file, durable=self._durable)

    def open(self, bucket: str, file: str) -> BinaryIO:
        """Open a file to read; `FileNotFoundError` where it was overwritten or deleted meanwhile."""
        return open(self._path(bucket, file), "rb")

    def remove(self, bucket: str, file: str) -> None:
        """Remove a file that no row names any more; nothing happens where it is gone already."""
        _unlink(self._path(bucket, file))

    def sweep(self, kept: Iterable[tuple[str, str]]) -> int:
        """Remove every file that is not among `kept`, (bucket, file) pairs; returns how many.

        Only before anything writes: a file that is being written has no row yet.
        """
        named = {self._path(bucket, file) for bucket, file in kept}
        garbage = [path for path in _files(self.root) if path not in named]
        for path in garbage:
            _unlink(path)
        return len(garbage)

    def _path(self, bucket: str, file: str) -> str:
        if bucket in {"", ".", ".."} or os.path.basename(bucket) != bucket or "\0" in bucket:
            raise ValueError(f"{bucket!r} is no name of a bucket")
        if not is_file_name(file):
            raise ValueError(f"{file!r} is no name of an object's file")
        return os.path.join(self.root, bucket, file[:2], file)

    def __repr__(self) -> str:
        return f"<Objects of {self.root}>"


def is_file_name(file: Any) -> bool:
    """Tell whether `file` is a name that `begin` gives."""
    return isinstance(file, str) and len(file) == 32 and _HEX.issuperset(file)


def _files(root: str) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        for name in names:
            yield os.path.join(directory, name)


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _make_directory(path: str, *, durable: bool) -> None:
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        _make_directory(parent, durable=durable)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:  # another worker made it at the same moment
        return
    if durable:
        _sync_directory(parent)


def _sync_directory(path: str) -> None:
    """Make the names in a directory survive a power cut, which the fsync of a file alone does not."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
