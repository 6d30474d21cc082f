"""The Range header of HTTP (RFC 9110): the one part of an object that is asked for."""

from __future__ import annotations

UNSATISFIABLE = (-1, -1)
"""What `byte_range` returns for a range that begins past the end."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the length that `header` asks of `size` bytes; None where the whole is to be sent.

    Several ranges, other units and what is malformed are as if there were no header, which the standard allows.
    """
    unit, equals, text = header.partition("=")
    first, dash, last = text.strip().partition("-")
    if unit.strip().lower() != "bytes" or not equals or not dash or not (_is_number(first) and _is_number(last)):
        return None
    if not first:
        return _suffix(last, size)
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return (start, end - start + 1) if start < size else UNSATISFIABLE


def _suffix(last: str, size: int) -> tuple[int, int] | None:
    if not last:
        return None
    length = min(int(last), size)
    return (size - length, length) if length else UNSATISFIABLE


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= 18)
