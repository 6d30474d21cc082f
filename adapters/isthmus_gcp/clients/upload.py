"""An object on its way to Cloud Storage: a small one in one request, a larger one in parts, as a resumable upload."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Iterator
from isthmus.object_body import pieces

PART = 8 * 1024 * 1024
"""The bytes of a part, and of the largest object that goes in one request."""

CHUNK = 1024 * 1024
"""How much is read of a file at a time."""


def upload(blob: Any, body: Any, **options: Any) -> None:
    """Write `body` (bytes, text, or a file, which is streamed) as the object `blob`, which then knows what was stored.

    Where anything fails before the end, nothing is stored.
    """
    source = _Source(pieces(body, CHUNK))
    first = source.read(PART)
    if len(first) < PART:
        blob.upload_from_string(first, **options)
        return
    source.push_back(first)
    del first  # a part less in memory
    blob.chunk_size = PART
    blob.upload_from_file(source, **options)


class _Source:
    """What is uploaded, as Google's library reads it: forwards only, in parts that are full up to the last."""

    def __init__(self, chunks: Iterable[bytes | bytearray | memoryview]) -> None:
        self._chunks: Iterator[Any] = iter(chunks)
        self._rest: memoryview = memoryview(b"")
        self._again = b""
        self._position = 0

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._position

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        if self._again:
            data, self._again = self._again, b""
        else:
            data = b"".join(self._taken(size))
        self._position += len(data)
        return data

    def push_back(self, data: bytes) -> None:
        """Have the next read return `data`, which the last one did."""
        self._again = data
        self._position -= len(data)

    def _taken(self, size: int) -> Iterator[memoryview]:
        while size:
            while not self._rest:
                chunk = next(self._chunks, None)
                if chunk is None:
                    return
                self._rest = memoryview(chunk).cast("B")
            taken, self._rest = self._rest[:size], self._rest[size:]
            size -= len(taken)
            yield taken
