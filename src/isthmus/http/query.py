"""The parameters of a query string or an urlencoded form."""

from __future__ import annotations

from isthmus.http.percent import decode_leniently


def parse_query(text: str) -> list[tuple[str, str]]:
    """Return the decoded (name, value) pairs of an urlencoded text, as the URL standard reads one.

    A name without a value (`?flag`, `?flag=`) has an empty one.
    """
    pairs: list[tuple[str, str]] = []
    is_plain = "%" not in text and "+" not in text  # as most queries are, which then need not be looked at by pieces
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((name, value) if is_plain else (decode_leniently(name), decode_leniently(value)))
    return pairs
