"""An object of a bucket was created or removed."""

from __future__ import annotations

from isthmus._typing import Any, Literal


class ObjectEvent:
    """One object was `created` (or overwritten) or `removed`; `key` is decoded, exactly as it was put.

    `size` is in bytes (0 for a removal); `etag` tells versions of one key apart; `at` is seconds since the epoch.
    """

    __slots__ = ("at", "attempt", "bucket", "etag", "id", "key", "kind", "raw", "size")

    def __init__(
        self,
        kind: Literal["created", "removed"],
        *,
        bucket: str,
        key: str,
        size: int = 0,
        etag: str = "",
        at: float = 0.0,
        attempt: int = 1,
        id: str = "",
        raw: Any = None,
    ) -> None:
        self.kind = kind
        self.bucket = bucket
        self.key = key
        self.size = size
        self.etag = etag
        self.at = at
        self.attempt = attempt
        self.id = id
        self.raw = raw

    def __repr__(self) -> str:
        return f"<ObjectEvent {self.kind} {self.bucket}/{self.key}, {self.size} bytes>"
