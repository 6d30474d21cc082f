"""Percent-encoding, without the cost of importing `urllib.parse` at a function's start."""

from __future__ import annotations


def decode(text: str) -> str:
    """Return `text` with each %XX decoded as UTF-8; `ValueError` for a broken escape, broken UTF-8 or a NUL."""
    first, *rest = text.split("%")
    parts = [first.encode()]
    for part in rest:
        parts.append(_byte(part[:2]))
        parts.append(part[2:].encode())
    decoded = b"".join(parts).decode()
    if "\0" in decoded:
        raise ValueError("%00 is not allowed")
    return decoded


def _byte(digits: str) -> bytes:
    # bytes.fromhex skips white space, so that "% 1" would pass for a byte.
    if len(digits) != 2 or not digits.isascii() or not digits.isalnum():
        raise ValueError(f"%{digits} is not an escape")
    return bytes.fromhex(digits)


def decode_leniently(text: str) -> str:
    """Return `text` as browsers decode a query: + is a space, broken escapes stay, broken UTF-8 becomes U+FFFD."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text, errors="replace")
