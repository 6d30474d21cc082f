"""What narrows the sort field of a query: comparisons, as Firestore has them.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#google.firestore.v1.StructuredQuery.FieldFilter.Operator
"""

from __future__ import annotations

from isthmus._typing import Any

LESS_THAN, AT_MOST, AT_LEAST = 1, 2, 4
_LAST = 0x10FFFF


class Bounds:
    """A prefix, or a least and a greatest value; a bound that is empty, or None, narrows nothing from below."""

    __slots__ = ("are_empty", "comparisons")

    def __init__(self, prefix: Any, at_least: Any, at_most: Any) -> None:
        least = at_least if prefix is None else prefix
        self.comparisons: list[tuple[int, Any]] = []
        if least is not None and least not in ("", b""):
            self.comparisons.append((AT_LEAST, least))
        if at_most is not None:
            self.comparisons.append((AT_MOST, at_most))
        end = None if prefix is None else after(prefix)
        if end is not None:
            self.comparisons.append((LESS_THAN, end))
        crossed = at_least is not None and at_most is not None and _place(at_least) > _place(at_most)
        self.are_empty = crossed or at_most in ("", b"")


def after(prefix: Any) -> Any:
    """Return the least text or bytes above all that begin with `prefix`; None where nothing is."""
    if isinstance(prefix, bytes):
        stem = prefix.rstrip(b"\xff")
        return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
    text = prefix.rstrip(chr(_LAST))
    return text[:-1] + _next(text[-1]) if text else None


def _next(character: str) -> str:
    """Return the character after one in the order of UTF-8, which has no surrogates."""
    code = ord(character) + 1
    return chr(0xE000) if code == 0xD800 else chr(code)


def _place(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value
