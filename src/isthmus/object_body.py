"""What can be put into a bucket, as pieces of bytes: alike on every provider."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Iterator
from isthmus.errors import InvalidValueError
from isthmus.object_info import utf8


def pieces(body: Any, size: int) -> Iterable[bytes | bytearray | memoryview]:
    """Return the bytes of `body`: bytes, text, a file that is open for reading (`size` bytes a read), or an iterator.

    `InvalidValueError` for anything else, and for a file that gives text.
    """
    if isinstance(body, str):
        return (utf8("the object's text", body),)
    if isinstance(body, (bytes, bytearray)):
        return (body,)
    if isinstance(body, memoryview):
        return (body.tobytes(),)
    if callable(getattr(body, "read", None)):
        return _bytes_only(iter(lambda: body.read(size), b""))
    if hasattr(body, "__next__"):
        return _bytes_only(body)
    raise InvalidValueError(f"an object is bytes, text or a file that is open for reading, not {type(body).__name__}")


def _bytes_only(chunks: Iterable[Any]) -> Iterator[bytes | bytearray | memoryview]:
    for chunk in chunks:
        if not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise InvalidValueError(f"the file gives {type(chunk).__name__}, not bytes: open it in binary mode, 'rb'")
        yield chunk
