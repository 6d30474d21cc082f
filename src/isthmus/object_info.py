"""What is known of an object, and what a key, a content type and metadata may be: alike on every provider."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import InvalidValueError, TooLargeError

KEY_LIMIT = 1024
"""The most bytes of a key in UTF-8."""

CONTENT_TYPE_LIMIT = 256
"""The most characters of a content type."""

METADATA_LIMIT = 2048
"""The most bytes of an object's metadata, names and values: what every provider keeps."""

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class ObjectInfo:
    """What is known of an object without reading it: `size` in bytes, `modified` in epoch seconds."""

    __slots__ = ("content_type", "etag", "key", "metadata", "modified", "size")

    def __init__(
        self, key: str, size: int, etag: str, content_type: str, modified: float, metadata: Mapping[str, str]
    ) -> None:
        self.key = key
        self.size = size
        self.etag = etag
        self.content_type = content_type
        self.modified = modified
        self.metadata = metadata

    def __repr__(self) -> str:
        return f"<ObjectInfo {self.key!r}, {self.size} bytes, {self.content_type}>"


def checked_key(key: Any) -> str:
    """Return a key as a plain str; `InvalidValueError` for what no bucket keeps."""
    if not isinstance(key, str):
        raise InvalidValueError(f"an object's key is a str, not {type(key).__name__}")
    encoded = utf8("an object's key", key)
    if not 1 <= len(encoded) <= KEY_LIMIT:
        raise InvalidValueError(f"an object's key is 1 to {KEY_LIMIT:,} bytes of UTF-8; this one is {len(encoded):,}")
    if b".." in encoded and _climbs(key):
        raise InvalidValueError(f"an object's key may not climb above its bucket with '..': {key!r:.80}")
    return encoded.decode()


def _climbs(key: str) -> bool:
    """Tell whether some `..` of a key has nothing before it to leave: not every provider takes such a key."""
    depth = 0
    for segment in key.split("/"):
        depth += -1 if segment == ".." else segment not in ("", ".")
        if depth < 0:
            return True
    return False


def checked_content_type(value: Any) -> str:
    """Return a content type; `InvalidValueError` for what could not be a header."""
    if type(value) is not str or not 1 <= len(value) <= CONTENT_TYPE_LIMIT or not _is_header(value):
        raise InvalidValueError(
            f"a content type is 1 to {CONTENT_TYPE_LIMIT} printable ASCII characters, such as text/plain: {value!r:.80}"
        )
    return value


def checked_metadata(metadata: Mapping[Any, Any]) -> dict[str, str]:
    """Return metadata; `InvalidValueError` for what not every provider keeps as it is, `TooLargeError` for too much."""
    for name, value in metadata.items():
        if type(name) is not str or not name or not _NAME.issuperset(name):
            raise InvalidValueError(f"a metadata name is lower-case ASCII letters, digits, - and _: {name!r:.80}")
        if type(value) is not str or not _is_header(value):
            raise InvalidValueError(
                f"metadata {name!r} is printable ASCII text without spaces around it, not {value!r:.80}"
            )
    size = sum(len(name) + len(value) for name, value in metadata.items())
    if size > METADATA_LIMIT:
        raise TooLargeError("the object's metadata", size, METADATA_LIMIT)
    return dict(metadata)


def utf8(what: str, text: str) -> bytes:
    """Return `text` in UTF-8; `InvalidValueError` where it holds a lone surrogate."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(f"{what} is not valid Unicode: {text!r}") from error


def _is_header(value: str) -> bool:
    return value.isascii() and value.isprintable() and value == value.strip()
